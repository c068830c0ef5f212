"""The straight line from a request to its answer."""

import asyncio
import logging
import re

import msgspec

from mockserver.actions import ACTIONS
from mockserver.errors import ApiError
from mockserver.gateway.authenticate import SERVICE, authenticate
from mockserver.gateway.call import Call
from mockserver.gateway.envelope import Answer, fail, succeed
from mockserver.world import World

log = logging.getLogger("facefusion_mock")


async def handle(call: Call, world: World) -> Answer:
    """Answer one call; the order of the steps is inferred (two points of it observed)."""
    try:
        check_protocol(call)
        identify(call)
        authenticate(call, world)
        read_params(call, world)
        return succeed(call, await act(call, world))
    except ApiError as error:
        return fail(call, error)
    except Exception:
        log.exception("unforeseen error, RequestId %s", call.request_id)
        return fail(call, ApiError("InternalError"))


def check_protocol(call: Call) -> None:
    """Check method and size. Raises ApiError UnsupportedProtocol, RequestSizeLimitExceeded."""
    if call.method not in ("GET", "POST"):
        raise ApiError("UnsupportedProtocol")
    if call.body_too_large:
        raise ApiError("RequestSizeLimitExceeded")


def identify(call: Call) -> None:
    """Find out which action of which version is called.

    Raises ApiError MissingParameter, NoSuchVersion, InvalidAction. That Timestamp is missed
    first is observed.
    """
    for name in ("Timestamp", "Action", "Version"):
        if not call.header(f"x-tc-{name.lower()}"):
            raise ApiError("MissingParameter", name=name)
    call.action, call.version = call.header("x-tc-action"), call.header("x-tc-version")
    if not re.fullmatch(r"[0-9]{1,18}", call.header("x-tc-timestamp")):
        raise ApiError("InvalidParameterValue")
    if call.version not in ACTIONS:
        raise ApiError("NoSuchVersion", version=call.version, service=SERVICE)
    if call.action not in ACTIONS[call.version]:
        raise ApiError("InvalidAction", action=call.action, service=SERVICE, version=call.version)


def read_params(call: Call, world: World) -> None:
    """Decode the body. Raises ApiError FailedOperation.RequestEntityTooLarge, InvalidParameter."""
    if len(call.body) > world.settings.max_entity_bytes:
        raise ApiError("FailedOperation.RequestEntityTooLarge")
    try:
        params = msgspec.json.decode(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ApiError("InvalidParameter", text="not_json") from None
    if not isinstance(params, dict):
        raise ApiError("InvalidParameter", text="not_json")
    call.params = params
    call.body = b""  # some MB that are not needed any more


async def act(call: Call, world: World) -> dict[str, object]:
    """Run the action within the deadline.

    Raises the action's ApiError, FailedOperation.RequestTimeout, FailedOperation.InnerError.
    """
    try:
        async with asyncio.timeout(world.settings.deadline_seconds):
            return await ACTIONS[call.version][call.action](call, world)
    except ApiError:
        raise
    except TimeoutError:
        raise ApiError("FailedOperation.RequestTimeout") from None
    except Exception:
        log.exception("unforeseen error in %s, RequestId %s", call.action, call.request_id)
        raise ApiError("FailedOperation.InnerError") from None
