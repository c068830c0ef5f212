"""The business checks that every fusing action makes, in their (inferred) order."""

from mockserver.actions.types import FuseParams
from mockserver.errors import ApiError
from mockserver.gateway.call import Call
from mockserver.state.models import Billing, Material, Project
from mockserver.world import World

MAX_META_KEY, MAX_META_VALUE = 32, 256  # documented

_BILLING_CODES: dict[Billing, str] = {
    "delivering": "ResourceUnavailable.Delivering",
    "frozen": "ResourceUnavailable.Freeze",
    "auth_info_error": "ResourceUnavailable.GetAuthInfoError",
    "in_arrears": "ResourceUnavailable.InArrears",
    "low_balance": "ResourceUnavailable.LowBalance",
    "not_exist": "ResourceUnavailable.NotExist",
    "not_ready": "ResourceUnavailable.NotReady",
    "recovered": "ResourceUnavailable.Recover",
    "stopped": "ResourceUnavailable.StopUsing",
    "unknown": "ResourceUnavailable.UnknownStatus",
    "charge_status_exception": "ResourcesSoldOut.ChargeStatusException",
}


def check_choice(value: object, allowed: tuple[object, ...]) -> None:
    """Raise ApiError InvalidParameterValue.ParameterValueError unless the value is allowed."""
    if value not in allowed:
        raise ApiError("InvalidParameterValue.ParameterValueError")


def check_range(value: int | None, least: int, most: int) -> None:
    """Raise ApiError InvalidParameterValue.ParameterValueError for a value beyond the bounds."""
    if value is not None and not least <= value <= most:
        raise ApiError("InvalidParameterValue.ParameterValueError")


def check_meta_data(fuse_param: FuseParams) -> None:
    """Check the result's metadata. Raises ApiError FailedOperation.ParameterValueError."""
    for key, value in fuse_param.pairs:
        if len(key) > MAX_META_KEY or len(value) > MAX_META_VALUE:
            raise ApiError("FailedOperation.ParameterValueError")


async def admit(call: Call, world: World, project_id: str, model_id: str) -> Material:
    """Return the material if this call may use it now; it then counts in the project's rate.

    Raises ApiError: those of `known_project`, project stopped or its quota used up, the
    material's errors, FailedOperation.FuseFreqCtrl, FailedOperation.ServerError when the store of
    counts is out of reach.
    """
    project = known_project(call, world, project_id)
    (left,) = await world.quotas.left((project,))
    if project.state == "stopped" or left == 0:
        raise ApiError("FailedOperation.ProjectNotAuth")
    material = _usable_material(world, project, model_id)
    if await world.limiter.hit(f"project:{project.id}", call.clock) > project.calls_per_second:
        raise ApiError("FailedOperation.FuseFreqCtrl")
    if left is not None and not await world.quotas.take(project):
        raise ApiError("FailedOperation.ProjectNotAuth")
    return material


def known_project(call: Call, world: World, project_id: str) -> Project:
    """Return a project of the caller's. Raises ApiError: project unknown, the billing states."""
    assert call.account is not None  # noqa: S101  set by authenticate
    project = world.accounts.project(call.account, project_id)
    if project is None:
        raise ApiError("InvalidParameterValue.ActivityIdNotFound")
    if code := _BILLING_CODES.get(call.account.billing):
        raise ApiError(code)
    return project


def _usable_material(world: World, project: Project, model_id: str) -> Material:
    found = world.accounts.material(model_id)
    if found is None:
        raise ApiError("InvalidParameterValue.MaterialIdNotFound")
    owner, material = found
    if owner is not project or material.deleted:
        raise ApiError("FailedOperation.FuseMaterialNotExist")
    if material.audit != "approved":
        raise ApiError("FailedOperation.FuseMaterialNotAuth")
    return material
