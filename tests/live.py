"""A live server in a thread, and the official SDK pointed at it."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.facefusion.v20181201 import facefusion_client, models

from mockserver.server import Server
from mockserver.settings import Settings
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from mockserver.world import World

FIXTURES = Path(__file__).parents[1] / "fixtures"
HOPPER = FIXTURES / "users" / "hopper.jpg"
PROJECT, MATERIAL = "100646", "qc_100646_154021_9"
UNPUBLISHED, UNPUBLISHED_MATERIAL = "100647", "qc_100647_154022_1"


class Live:
    """A running server: its address, its world, and clients for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = world.base_url
        self.authority = world.base_url.removeprefix("http://")

    def profile(self, **changes: Any) -> ClientProfile:
        """The SDK's profile for this server."""
        http = HttpProfile(protocol="http", endpoint=self.authority, reqTimeout=30)
        profile = ClientProfile(httpProfile=http, signMethod="TC3-HMAC-SHA256")
        for name, value in changes.items():
            setattr(profile, name, value)
        return profile

    def client(
        self,
        secret_id: str = DEFAULT_SECRET_ID,
        secret_key: str = DEFAULT_SECRET_KEY,
        **changes: Any,
    ) -> facefusion_client.FacefusionClient:
        """An official client with the default key pair."""
        key = credential.Credential(secret_id, secret_key)
        return facefusion_client.FacefusionClient(key, "ap-guangzhou", self.profile(**changes))


@contextmanager
def running(settings: Settings) -> Iterator[Live]:
    """Run a server in a thread on a free port until the block is left."""
    world = World(settings)
    server = Server(world, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        server.wait_until_ready()
        yield Live(world)
    finally:
        server.stop()
        thread.join()


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


def base64_of(file: Path) -> str:
    """The file as base64 text."""
    return base64.b64encode(file.read_bytes()).decode()


def error_of(client: facefusion_client.FacefusionClient, request: Any) -> tuple[str, str]:
    """Code and message of the error that the call is answered with."""
    try:
        client.FaceFusion(request)
    except TencentCloudSDKException as error:
        return error.get_code(), error.get_message()
    raise AssertionError("the call succeeded")
