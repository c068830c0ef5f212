"""The emulated API: a table from version and action to its handler."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mockserver.actions.describe_material_list import describe_material_list
from mockserver.actions.face_fusion import face_fusion
from mockserver.actions.fuse_face import fuse_face
from mockserver.gateway.call import Call
from mockserver.world import World

Handler = Callable[[Call, World], Awaitable[dict[str, Any]]]

ACTIONS: Mapping[str, Mapping[str, Handler]] = {
    "2018-12-01": {
        "DescribeMaterialList": describe_material_list,
        "FaceFusion": face_fusion,
        "FuseFace": fuse_face,
    }
}
