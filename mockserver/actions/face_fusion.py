"""FaceFusion 2018-12-01: one user picture onto one material."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from mockserver.actions.checks import admit, check_choice, check_meta_data
from mockserver.actions.deliver import deliver, result_base_url
from mockserver.actions.params import parse
from mockserver.actions.review import review
from mockserver.actions.types import FuseParams
from mockserver.actions.user_picture import collect, describe
from mockserver.faults.intervene import intervene_by_picture
from mockserver.fusing import fuse_picture, on_a_worker
from mockserver.gateway.call import Call
from mockserver.imaging.face import FaceEngine
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
    """Fuse the largest face of the picture onto the material's largest face."""
    request = parse(FaceFusionRequest, call.params, texts=call.texts)
    check_choice(request.RspImgType, ("url", "base64"))
    check_choice(request.CelebrityIdentify, (0, 1))
    meta_data = check_meta_data(request.FuseParam)
    material = await admit(call, world, request.ProjectId, request.ModelId)
    prepared = world.gallery.get(material)
    picture = await collect(request.Image, request.Url, world.settings)
    if world.faults.names_pictures:
        call.pictures = [await asyncio.to_thread(lambda: describe(picture.data()))]
        await intervene_by_picture(call, world)
    base_url = result_base_url(call, world) if request.RspImgType == "url" else None

    def make(engine: FaceEngine) -> str:
        data = picture.data()
        call.pictures = call.pictures or [describe(data)]
        halved = call.result_fault == "wrong_size"
        fused = fuse_picture(engine, data, prepared, world.settings, meta_data, halved=halved)
        return deliver(
            world,
            fused,
            prepared.format,
            model_id=material.id,
            base_url=base_url,
            secret_id=call.secret_id,
            fault=call.result_fault,
        )

    image = await on_a_worker(world.pool, make)
    if base_url:
        call.result = image
    reviews = [review(world, sent.sha256, material) for sent in call.pictures]
    return {"Image": image, "ReviewResultSet": reviews if request.CelebrityIdentify else None}
