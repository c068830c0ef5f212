"""A live server in a thread, and the official SDK pointed at it."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.facefusion.v20181201 import facefusion_client, models

from mockserver.settings import Settings
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from mockserver.testing import KeyPair, MockServer
from mockserver.world import World

FIXTURES = Path(__file__).parents[1] / "fixtures"
HOPPER = FIXTURES / "users" / "hopper.jpg"
PROJECT, MATERIAL = "100646", "qc_100646_154021_9"
UNPUBLISHED, UNPUBLISHED_MATERIAL = "100647", "qc_100647_154022_1"


class Live(MockServer):
    """A running server: its address, its world, and clients for it."""

    @classmethod
    def of(cls, world: World) -> "Live":
        """What is served elsewhere, or only looked at."""
        live = cls()
        live._world = world
        live._connect(world.base_url, None, None)
        return live

    @property
    def world(self) -> World:
        """Everything that the server knows, to be looked into."""
        return self._world

    @property
    def authority(self) -> str:
        """What clients send as Host."""
        return self.endpoint

    def profile(self, **changes: Any) -> ClientProfile:
        """The SDK's profile for this server."""
        profile = super().profile()
        profile.httpProfile.reqTimeout = 30
        for name, value in changes.items():
            setattr(profile, name, value)
        return profile

    def client(  # type: ignore[override]
        self,
        secret_id: str = DEFAULT_SECRET_ID,
        secret_key: str = DEFAULT_SECRET_KEY,
        **changes: Any,
    ) -> facefusion_client.FacefusionClient:
        """An official client with the default key pair."""
        return super().client(KeyPair(secret_id, secret_key), profile=self.profile(**changes))


@contextmanager
def running(settings: Settings) -> Iterator[Live]:
    """Run a server in a thread on a free port until the block is left."""
    with Live(**settings.model_dump(exclude_unset=True)) as live:
        yield live


def face_fusion(**changes: Any) -> models.FaceFusionRequest:
    """A request that succeeds, but for `changes`; None leaves a field out."""
    request = models.FaceFusionRequest()
    picture = None if "Url" in changes or "Image" in changes else base64_of(HOPPER)
    fields = {
        "ProjectId": PROJECT,
        "ModelId": MATERIAL,
        "RspImgType": "base64",
        "Image": picture,
        **changes,
    }
    request._deserialize({name: value for name, value in fields.items() if value is not None})
    return request


def fuse_face(*infos: dict[str, Any], **changes: Any) -> models.FuseFaceRequest:
    """A request of FuseFace that succeeds, but for `infos` and `changes`; None leaves one out."""
    request = models.FuseFaceRequest()
    fields = {
        "ProjectId": PROJECT,
        "ModelId": MATERIAL,
        "RspImgType": "base64",
        "MergeInfos": list(infos) or [{"Image": base64_of(HOPPER)}],
        **changes,
    }
    request._deserialize({name: value for name, value in fields.items() if value is not None})
    return request


def asking(action: str, **changes: Any) -> Any:
    """A request of either fusing action, by the parameters of FaceFusion."""
    if action == "FaceFusion":
        return face_fusion(**changes)
    names = {"Image", "Url"} & changes.keys()
    picture: dict[str, Any] = {name: changes.pop(name) for name in names}
    sent = {name: value for name, value in picture.items() if value is not None}
    return fuse_face(*([sent] if names else []), **changes)


def material_list(**changes: Any) -> models.DescribeMaterialListRequest:
    """A request for the default project's materials."""
    request = models.DescribeMaterialListRequest()
    request._deserialize({"ActivityId": int(PROJECT), **changes})
    return request


def base64_of(file: Path) -> str:
    """The file as base64 text."""
    return base64.b64encode(file.read_bytes()).decode()


def error_of(client: facefusion_client.FacefusionClient, request: Any) -> tuple[str, str]:
    """Code and message of the error that the request's action is answered with."""
    action = type(request).__name__.removesuffix("Request")
    try:
        getattr(client, action)(request)
    except TencentCloudSDKException as error:
        return error.get_code(), error.get_message()
    raise AssertionError("the call succeeded")
