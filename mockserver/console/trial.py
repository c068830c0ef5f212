"""A call to try: a photo dropped on a material, signed here and answered as any other call is."""

from typing import Any

import msgspec
import pybase64
from fastapi import APIRouter, HTTPException, Request, Response

from mockserver.actions.deliver import RESULTS_PATH
from mockserver.admin import requests
from mockserver.admin.world import TheWorld
from mockserver.console import overlay
from mockserver.console.page import ConsoleRoute, render, tongue_of
from mockserver.console.upload import Upload, read_upload
from mockserver.errors import catalogue
from mockserver.fusing import on_a_worker
from mockserver.gateway.call import Call
from mockserver.gateway.connection import Peer
from mockserver.gateway.endpoint import answer_call
from mockserver.gateway.signing import SERVICE
from mockserver.gateway.tc3 import sign_request
from mockserver.imaging.codec import Header, decode, read_header
from mockserver.imaging.face import FaceEngine, Landmarks
from mockserver.imaging.find import find_face
from mockserver.imaging.fuse import Degrees, wanted
from mockserver.materials import face_thresholds
from mockserver.state.models import Key
from mockserver.world import World

router = APIRouter(prefix="/try", route_class=ConsoleRoute)

_REGION = "ap-guangzhou"
_SHOWN = 1000  # materials
_DEGREES = ("FuseProfileDegree", "FuseFaceDegree")
_NOTHING: dict[str, Any] = {"user": None, "model": None, "fused": None}


@router.get("")
async def trial(request: Request, world: TheWorld, material: str = "") -> Response:
    """Show the form."""
    accounts = world.accounts.all()
    choices = [
        (project.id, one.id)
        for account in accounts
        for project in account.projects
        for one in project.materials
    ]
    chosen = material or next((one for _, one in choices), "")
    return render(request, "trial.html", choices=choices[:_SHOWN], chosen=chosen)


@router.post("")
async def run(request: Request, world: TheWorld) -> Response:
    """Make the call; return what became of it as a part of the page."""
    form = await read_upload(request)
    picture, model_id = form.file("picture"), form.text("material")
    key, project_id = _caller(world, model_id)
    action = "FuseFace" if form.text("action") == "FuseFace" else "FaceFusion"
    params = {
        "ProjectId": project_id,
        "ModelId": model_id,
        "RspImgType": "url",
        **_pictures(action, form, pybase64.b64encode_as_string(picture)),
    }
    call = _signed(request, world, key, action, params)
    async with world.bodies.borrow(min(call.body_size, world.settings.max_body_bytes)):
        await answer_call(call, world)
    drawn = call.code == "OK" and form.text("landmarks") == "on"
    return render(
        request,
        "trial_outcome.html",
        call=await requests.get_request(call.request_id, world),
        result=RESULTS_PATH + call.result.rpartition("/")[2] if call.result else None,
        error=catalogue().get(call.code),
        **(await _overlays(world, call, picture, params) if drawn else _NOTHING),
    )


def _pictures(action: str, form: Upload, image: str) -> dict[str, Any]:
    """Return the parameters that are an action's own."""
    if action == "FaceFusion":
        return {"Image": image}
    sent = {name: form.text(name) for name in _DEGREES}
    # What is no number is sent as it is: the call says what is wrong with it.
    degrees = {name: int(text) if text.isdecimal() else text for name, text in sent.items() if text}
    return {"MergeInfos": [{"Image": image}], **degrees}


def _caller(world: World, model_id: str) -> tuple[Key, str]:
    """Return a permanent key that may use a material, and the material's project."""
    found = world.accounts.material(model_id)
    owned = world.accounts.owned_project(found[0].id) if found else None
    if owned is None:
        raise HTTPException(404, f"there is no material {model_id}")
    account, project = owned
    key = next((key for key in account.keys if key.token is None), None)
    if key is None:
        raise HTTPException(409, f"account {account.uin} has no permanent key to sign with")
    return key, project.id


def _signed(request: Request, world: World, key: Key, action: str, params: dict[str, Any]) -> Call:
    body, now = msgspec.json.encode(params), world.clock_of(key.secret_id).now()
    sent = {"content-type": "application/json", "host": request.headers.get("host", "")}
    signed = sign_request(
        secret_id=key.secret_id,
        secret_key=key.secret_key,
        service=SERVICE,
        timestamp=int(now),
        headers=sent.items(),
        payload=body,
    )
    common = {
        "action": action,
        "version": "2018-12-01",
        "timestamp": str(int(now)),
        "region": _REGION,
        "language": "zh-CN" if tongue_of(request) == "zh" else "en-US",
    }
    headers = {f"x-tc-{name}": value for name, value in common.items()}
    return Call(
        method="POST",
        scheme=request.url.scheme,
        query="",
        headers={
            **sent,
            **headers,
            "authorization": signed.authorization,
            "user-agent": "facefusion-mock console",
        },
        client=request.client.host if request.client else "",
        request_id=world.new_request_id(),
        received=now,
        body=body,
        body_size=len(body),
        peer=Peer(request.scope, request.receive),
    )


async def _overlays(
    world: World, call: Call, picture: bytes, params: dict[str, Any]
) -> dict[str, Any]:
    """Return the landmarks on the user's picture, on the material, and where they meet."""
    found = world.accounts.material(params["ModelId"])
    prepared = world.gallery.find(found[1]) if found else None
    if found is None or prepared is None:  # removed meanwhile
        return _NOTHING

    def find(engine: FaceEngine) -> tuple[Header, Landmarks]:
        header, thresholds = read_header(picture), face_thresholds(world.settings)

        def search() -> Landmarks:
            return find_face(engine, decode(picture, header), thresholds)

        return header, world.known_faces.find(call.pictures[0].sha256, None, search)

    header, face = await on_a_worker(world.pool, find)
    degrees = Degrees(
        params.get("FuseProfileDegree", found[1].profile_degree),
        params.get("FuseFaceDegree", found[1].face_degree),
    )
    height, width = prepared.image.shape[:2]
    template = prepared.faces[0]
    return {
        "user": overlay.of_points(header.width, header.height, face.points),
        "model": overlay.of_points(width, height, template.landmarks.points),
        "fused": overlay.of_points(width, height, wanted(template, face, degrees)),
    }
