"""DescribeMaterialList 2018-12-01: a project's materials, page by page.

The documentation has the fields and their types alone. Inferred are: 20 entries by default and
100 at most, the order in which materials were made, and `Count` as that of all pages together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mockserver.actions.checks import check_range, known_project
from mockserver.actions.deliver import base_url_of
from mockserver.actions.params import parse
from mockserver.errors import ApiError
from mockserver.gateway.call import Call
from mockserver.materials import MATERIALS_PATH, named_faces
from mockserver.state.models import Audit, Material
from mockserver.world import World

MAX_LIMIT = 100
_LAST_OFFSET = 2**63 - 1

# Documented for version 2022-09-27; this version gives no list.
_STATUS: dict[Audit, int] = {"pending": 0, "approved": 1, "rejected": 2}


@dataclass(frozen=True, kw_only=True)
class DescribeMaterialListRequest:
    """The action's parameters, named as documented."""

    ActivityId: int
    MaterialId: str | None = None
    Limit: int = 20
    Offset: int = 0


async def describe_material_list(call: Call, world: World) -> dict[str, Any]:
    """List the materials that are not deleted; deleted ones have no documented status.

    Raises ApiError InvalidParameterValue.ParameterValueError, the project's, the billing states,
    InvalidParameterValue.MaterialIdNotFound.
    """
    request = parse(DescribeMaterialListRequest, call.params, texts=call.texts)
    check_range(request.Limit, 1, MAX_LIMIT)
    check_range(request.Offset, 0, _LAST_OFFSET)
    project = known_project(call, world, str(request.ActivityId))
    listed = [material for material in project.materials if not material.deleted]
    if request.MaterialId:
        listed = [material for material in listed if material.id == request.MaterialId]
        if not listed:
            raise ApiError("InvalidParameterValue.MaterialIdNotFound")
    page = listed[request.Offset : request.Offset + request.Limit]
    base_url = base_url_of(call, world)
    infos = [_info(material, world, base_url) for material in page]
    return {"MaterialInfos": infos, "Count": len(listed)}


def _info(material: Material, world: World, base_url: str) -> dict[str, Any]:
    """Describe a material; one that is over the size limit has neither faces nor a picture."""
    prepared = world.gallery.find(material)
    faces = named_faces(material.id, prepared) if prepared else []
    return {
        "MaterialId": material.id,
        "MaterialStatus": _STATUS[material.audit],
        "BlendParamPtu": material.profile_degree,
        "PositionParamPtu": material.face_degree,
        "BlendParamYoutu": material.profile_degree,
        "PositionParamYoutu": material.face_degree,
        "Url": f"{base_url}{MATERIALS_PATH}{material.id}/{prepared.name}" if prepared else "",
        "CreateTime": _time(material.created),
        "UpdateTime": _time(material.created if material.updated is None else material.updated),
        "MaterialFaceList": [
            {"FaceId": face.id, "FaceInfo": _rect(face.x, face.y, face.width, face.height)}
            for face in faces
        ],
    }


def _rect(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"X": x, "Y": y, "Width": width, "Height": height}


def _time(seconds: float) -> str:
    """Return a time as the documentation's example has it: `2020-04-09T03:27:02.903Z`."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
