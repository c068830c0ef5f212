"""FaceFusion 2018-12-01: one user picture onto one material."""

from dataclasses import dataclass, field
from typing import Any

from mockserver.actions.fuse_face import FuseFaceRequest, fuse
from mockserver.actions.params import parse
from mockserver.actions.types import FuseParams, MergeInfo
from mockserver.gateway.call import Call
from mockserver.world import World


@dataclass(frozen=True, kw_only=True)
class FaceFusionRequest:
    """The action's parameters, named as documented."""

    ProjectId: str
    ModelId: str
    RspImgType: str
    Image: str | None = None
    Url: str | None = None
    PornDetect: int | None = None  # a leftover of the API; accepted and ignored
    CelebrityIdentify: int = 0
    FuseParam: FuseParams = field(default_factory=FuseParams)


async def face_fusion(call: Call, world: World) -> dict[str, Any]:
    """Fuse the largest face of the picture onto the material's largest, by its own degrees."""
    request = parse(FaceFusionRequest, call.params, texts=call.texts)
    as_fuse_face = FuseFaceRequest(
        ProjectId=request.ProjectId,
        ModelId=request.ModelId,
        RspImgType=request.RspImgType,
        MergeInfos=[MergeInfo(Image=request.Image, Url=request.Url)],
        CelebrityIdentify=request.CelebrityIdentify,
        FuseParam=request.FuseParam,
    )
    code = "FailedOperation.FuseDetectNoFace"
    image, reviews = await fuse(call, world, as_fuse_face, no_face_code=code)
    return {"Image": image, "ReviewResultSet": reviews}
