"""What produces each code that the catalogue claims to have a natural cause.

A code's own `recipe` is followed where it can be read; the rest stands here, one function a code.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import httpx
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from mockserver.errors import Entry, Language
from mockserver.imaging.pool import FusePool
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from mockserver.state.shared import ValkeyQuotas, ValkeyRateLimiter
from mockserver.state.valkey import Valkey
from tests.live import FIXTURES, UNPUBLISHED, UNPUBLISHED_MATERIAL, Live, base64_of, face_fusion
from tests.wire import PROBE, Wire

MIB = 1024 * 1024
UIN = "100000000001"


@dataclass
class Caller:
    """A developer with the official SDK, who takes the messages in one language."""

    live: Live
    language: Language

    def client(self, *key: str) -> Any:
        return self.live.client(*key, language=self.language)

    def ask(self, method: str, path: str, body: Any) -> None:
        url = f"{self.live.url}/_mock{path}"
        httpx.request(method, url, json=body).raise_for_status()

    def call(self, client: Any = None, **fields: Any) -> None:
        """Call FaceFusion as it succeeds, but for these fields; None leaves one out."""
        request = face_fusion(**{name: v for name, v in fields.items() if v is not None})
        for name in (name for name, value in fields.items() if value is None):
            setattr(request, name, None)
        (client or self.client()).FaceFusion(request)

    def probe(self, client: Any = None, **changes: Any) -> None:
        """Call with parameters that no later check would let pass."""
        parameters = {**PROBE, **changes}
        (client or self.client()).call_json("FaceFusion", parameters)

    def repeat(self) -> None:
        """Call until one call fails otherwise than for its unknown project."""
        for _ in range(3):
            try:
                self.probe()
            except TencentCloudSDKException as error:
                if error.get_code() != "InvalidParameterValue.ActivityIdNotFound":
                    raise


Produce = Callable[[Caller], None]


def follow(entry: Entry, caller: Caller) -> None:
    """Do what an entry's recipe says. Raises what the SDK raises."""
    recipe = entry.recipe
    action, _, rest = recipe.partition(" with ")
    name, _, value = recipe.partition("=")
    if recipe.startswith("errors/"):
        caller.call(Image=base64_of(FIXTURES / recipe))
    elif action == "FuseFace" and rest.startswith("errors/"):
        fuse_face(caller, {"Image": base64_of(FIXTURES / rest)})
    elif name == "SecretId":
        found = caller.live.world.accounts.by_secret_id(value)
        assert found is not None
        (account, key), project = found, found[0].projects[0]
        client = caller.client(key.secret_id, key.secret_key)
        caller.call(client, ProjectId=project.id, ModelId=project.materials[0].id)
        assert account.billing != "normal"
    elif name in ("ProjectId", "ModelId", "RspImgType", "Url"):
        caller.call(**{name: value})
    else:
        OTHERS[entry.code](caller)


def fuse_face(caller: Caller, info: dict[str, Any]) -> None:
    """Call FuseFace with one picture."""
    whole = {"Image": base64_of(FIXTURES / "users" / "hopper.jpg"), **info}
    project, material = "100646", "qc_100646_154021_9"
    parameters = {"ProjectId": project, "ModelId": material, "RspImgType": "base64"}
    caller.client().call_json("FuseFace", {**parameters, "MergeInfos": [whole]})


def rect(x: int, y: int, width: int, height: int) -> Produce:
    sides = {"X": x, "Y": y, "Width": width, "Height": height}
    return lambda caller: fuse_face(caller, {"InputImageFaceRect": sides})


def with_key(*key: str) -> Produce:
    return lambda caller: caller.probe(caller.client(*key))


def with_token(caller: Caller) -> None:
    client = caller.client()
    client.credential.token = "wrong"
    caller.probe(client)


def of_key(**change: Any) -> Produce:
    return after("PATCH", f"/state/keys/{DEFAULT_SECRET_ID}", change)


def of_account(**change: Any) -> Produce:
    return after("PATCH", f"/state/accounts/{UIN}", change)


def of_limits(**change: Any) -> Produce:
    return after("PATCH", "/state/limits", change)


def after(method: str, path: str, change: dict[str, Any]) -> Produce:
    def produce(caller: Caller) -> None:
        caller.ask(method, path, change)
        caller.repeat()

    return produce


def with_picture(text: str | None) -> Produce:
    return lambda caller: caller.call(Image=text)


def from_region(region: str) -> Produce:
    def produce(caller: Caller) -> None:
        client = caller.client()
        client.region = region
        caller.probe(client)

    return produce


def of_version(caller: Caller) -> None:
    client = caller.client()
    client._apiVersion = "2017-01-01"
    caller.probe(client)


def late(caller: Caller) -> None:
    caller.ask("POST", "/clock", {"advance": 301})
    caller.probe()


def without_signature(caller: Caller) -> None:
    caller.client().call_json("FaceFusion", PROBE, options={"SkipSign": True})


def broken_multipart(caller: Caller) -> None:
    options = {"IsMultipart": True}
    caller.client().call_json("FaceFusion", {'a"\r\nb': "c"}, options=options)


def by_put(caller: Caller) -> None:
    """No SDK sends PUT, so this one is sent by hand."""
    headers = {"x-tc-language": caller.language}
    answer = httpx.put(f"{caller.live.url}/", headers={**Wire(caller.live).signed(), **headers})
    error = answer.json()["Response"]["Error"]
    raise TencentCloudSDKException(error["Code"], error["Message"])


def twice_in_a_second(caller: Caller) -> None:
    for _ in range(2):
        caller.call(ProjectId=UNPUBLISHED, ModelId=UNPUBLISHED_MATERIAL)


def long_meta_key(caller: Caller) -> None:
    pairs = [{"MetaKey": "k" * 33, "MetaValue": "v"}]
    caller.call(FuseParam={"ImageCodecParam": {"MetaData": pairs}})


@contextmanager
def changed(holder: Any, name: str, value: Any) -> Iterator[None]:
    """A part of the server is another, or broken, until the block is left."""
    before = getattr(holder, name)
    setattr(holder, name, value)
    try:
        yield
    finally:
        setattr(holder, name, before)


@contextmanager
def without_folder(live: Live) -> Iterator[None]:
    """The folder for results is gone."""
    folder = live.world.settings.results_folder
    aside = folder.rename(folder.with_name("aside"))
    try:
        yield
    finally:
        aside.rename(folder)


@contextmanager
def without_time(live: Live) -> Iterator[None]:
    """No picture is ready within the deadline."""
    with changed(live.world.settings, "deadline_seconds", 0.001):
        yield


@contextmanager
def without_workers(live: Live) -> Iterator[None]:
    """The picture workers have died."""
    pool = FusePool(live.world.pool._factory, workers=1)
    pool.close()
    with changed(live.world, "pool", pool):
        yield


def amid(trouble: Callable[[Live], AbstractContextManager[None]], **fields: Any) -> Produce:
    def produce(caller: Caller) -> None:
        with trouble(caller.live):
            caller.call(**fields)

    return produce


def without_store(caller: Caller) -> None:
    world, away = caller.live.world, Valkey("valkey://127.0.0.1:9")
    with (
        changed(world, "limiter", ValkeyRateLimiter(away)),
        changed(world, "quotas", ValkeyQuotas(away)),
    ):
        caller.call()


def with_broken(part: str, *, limited: bool = False) -> Produce:
    """An exception that nobody foresaw: a part of the server is gone."""

    def produce(caller: Caller) -> None:
        if limited:
            caller.ask("PATCH", "/state/limits", {"ip": 5})
        with changed(caller.live.world, part, None):
            caller.call()

    return produce


def with_broken_material(caller: Caller) -> None:
    """The material's pixels are gone after it was prepared."""
    gallery = caller.live.world.gallery
    known, nothing = gallery._prepared.items(), cast(Any, None)
    broken = {file: one and replace(one, image=nothing, segments=None) for file, one in known}
    with changed(gallery, "_prepared", broken):
        caller.call()


OTHERS: dict[str, Produce] = {
    "AuthFailure.InvalidAuthorization": without_signature,
    "AuthFailure.InvalidSecretId": with_key("nobody", "x"),
    "AuthFailure.MFAFailure": of_key(mfa=True),
    "AuthFailure.SecretIdNotFound": with_key("AKIDnobody", "x"),
    "AuthFailure.SignatureExpire": late,
    "AuthFailure.SignatureFailure": with_key(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY[::-1]),
    "AuthFailure.TokenFailure": with_token,
    "AuthFailure.UnauthorizedOperation": of_key(denied=["FaceFusion"]),
    "InternalError": with_broken("limiter", limited=True),
    "InvalidAction": lambda caller: caller.client().call_json("Foo", {}),
    "InvalidParameter": lambda caller: caller.probe(ProjectId=5),
    "InvalidParameterValue": from_region("mars"),
    "InvalidRequest": broken_multipart,
    "IpInBlacklist": of_account(ip_deny=["127.0.0.1"]),
    "IpNotInWhitelist": of_account(ip_allow=[]),
    "MissingParameter": lambda caller: caller.call(RspImgType=None),
    "NoSuchVersion": of_version,
    "RequestLimitExceeded": of_limits(actions={"FaceFusion": 1}),
    "RequestLimitExceeded.IPLimitExceeded": of_limits(ip=1),
    "RequestLimitExceeded.UinLimitExceeded": of_account(rate=1),
    "RequestSizeLimitExceeded": with_picture("A" * (11 * MIB)),
    "UnknownParameter": lambda caller: caller.probe(Foo=1),
    "UnsupportedProtocol": by_put,
    "UnsupportedRegion": from_region("ap-tokyo"),
    "InvalidParameterValue.ImageEmpty": with_picture(None),
    "FailedOperation.ImageSizeExceed": with_picture("A" * (5 * MIB + 4)),
    "FailedOperation.RequestEntityTooLarge": with_picture("A" * (9 * MIB)),
    "FailedOperation.ParameterValueError": long_meta_key,
    "InvalidParameterValue.FaceRectParameterValueError": rect(0, 0, 29, 200),
    "FailedOperation.FaceRectInvalid": rect(0, 0, 5000, 5000),
    "FailedOperation.TemplateFaceIDNotExist": lambda caller: fuse_face(
        caller, {"TemplateFaceID": "100646_9_9"}
    ),
    "FailedOperation.FuseFreqCtrl": twice_in_a_second,
    "FailedOperation.FuseSavePhotoFail": amid(without_folder, RspImgType="url"),
    "FailedOperation.RequestTimeout": amid(without_time),
    "FailedOperation.RpcFail": amid(without_workers),
    "FailedOperation.FuseInnerError": with_broken_material,
    "FailedOperation.InnerError": with_broken("gallery"),
    "FailedOperation.ServerError": without_store,
}
