"""FuseFace 2018-12-01: up to three user pictures onto the faces of one material."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.actions.checks import admit, check_choice, check_meta_data, check_range
from mockserver.actions.deliver import base_url_of, deliver
from mockserver.actions.merge_infos import check_merge_infos, merges
from mockserver.actions.params import parse
from mockserver.actions.review import review
from mockserver.actions.types import FuseParams, MergeInfo
from mockserver.actions.user_picture import UserPicture, collect, describe
from mockserver.faults.intervene import intervene_by_picture
from mockserver.fusing import Fusion, Tools, UserFile, fuse_picture, on_a_worker
from mockserver.gateway.call import Call
from mockserver.imaging.face import FaceEngine
from mockserver.imaging.fuse import Degrees
from mockserver.materials import face_ids
from mockserver.state.models import Material
from mockserver.world import World


@dataclass(frozen=True, kw_only=True)
class FuseFaceRequest:
    """The action's parameters, named as documented."""

    ProjectId: str
    ModelId: str
    RspImgType: str
    MergeInfos: list[MergeInfo]
    FuseProfileDegree: int | None = None
    FuseFaceDegree: int | None = None
    CelebrityIdentify: int = 0
    FuseParam: FuseParams = field(default_factory=FuseParams)


async def fuse_face(call: Call, world: World) -> dict[str, Any]:
    """Fuse a face of each picture onto one of the material's."""
    request = parse(FuseFaceRequest, call.params, texts=call.texts)
    code = "InvalidParameterValue.NoFaceInPhoto"
    image, reviews = await fuse(call, world, request, no_face_code=code)
    return {"FusedImage": image, "ReviewResultSet": reviews}


async def fuse(
    call: Call, world: World, request: FuseFaceRequest, *, no_face_code: str
) -> tuple[str, list[dict[str, Any]] | None]:
    """Return the result, as base64 or a link, and the pictures' reviews if they are asked for.

    Raises ApiError in the (inferred) order of the checks: values, `admit`, the material, the
    pictures, their faces (`no_face_code` where there is none), the fusion, the result's store.
    """
    _check_values(request)
    material = await admit(call, world, request.ProjectId, request.ModelId)
    prepared = world.gallery.get(material)
    fusion = Fusion(
        material=prepared,
        merges=merges(request.MergeInfos, face_ids(material.id, len(prepared.faces))),
        degrees=_degrees(request, material),
        meta_data=request.FuseParam.pairs,
        no_face_code=no_face_code,
    )
    call.stopwatch.lap("check")
    pictures = [await collect(one.Image, one.Url, world.settings) for one in request.MergeInfos]
    if world.faults.names_pictures:
        await asyncio.to_thread(_open, pictures, call)
        await intervene_by_picture(call, world)
    call.stopwatch.lap("fetch")
    by_url = request.RspImgType == "url"
    image = await _make(call, world, material.id, fusion, pictures, by_url=by_url)
    reviews = [review(world, sent.sha256, material) for sent in call.pictures]
    return image, reviews if request.CelebrityIdentify else None


def _check_values(request: FuseFaceRequest) -> None:
    check_choice(request.RspImgType, ("url", "base64"))
    check_choice(request.CelebrityIdentify, (0, 1))
    check_range(request.FuseProfileDegree, 0, 100)
    check_range(request.FuseFaceDegree, 0, 100)
    check_merge_infos(request.MergeInfos)
    check_meta_data(request.FuseParam)


def _degrees(request: FuseFaceRequest, material: Material) -> Degrees:
    """Return the degrees asked for, else the material's own (documented)."""
    profile, face = request.FuseProfileDegree, request.FuseFaceDegree
    return Degrees(
        profile=material.profile_degree if profile is None else profile,
        face=material.face_degree if face is None else face,
    )


async def _make(
    call: Call,
    world: World,
    model_id: str,
    fusion: Fusion,
    pictures: Sequence[UserPicture],
    *,
    by_url: bool,
) -> str:
    """Fuse on a picture thread and deliver."""
    base_url = base_url_of(call, world) if by_url else None
    fault, watch = call.result_fault, call.stopwatch

    def work(engine: FaceEngine) -> str:
        watch.lap("queue")
        files, halved = _open(pictures, call), fault == "wrong_size"
        tools = Tools(engine, world.settings, world.known_faces, watch)
        data = fuse_picture(tools, files, fusion, halved=halved)
        return deliver(
            world,
            data,
            fusion.material.format,
            model_id=model_id,
            base_url=base_url,
            secret_id=call.secret_id,
            fault=fault,
        )

    image = await on_a_worker(world.pool, work)
    watch.lap("store")
    call.result = image if by_url else None
    return image


def _open(pictures: Sequence[UserPicture], call: Call) -> list[UserFile]:
    """Return the pictures' files, and note each for the journal."""
    call.pictures, files = [], []
    for picture in pictures:
        data = picture.data()
        described = describe(data)
        call.pictures = [*call.pictures, described]
        files.append(UserFile(data, described.sha256))
    return files
