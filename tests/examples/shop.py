"""The application under test: it puts a customer's face on a poster."""

import base64
from pathlib import Path
from time import sleep

import httpx
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.facefusion.v20181201.facefusion_client import FacefusionClient
from tencentcloud.facefusion.v20181201.models import FaceFusionRequest

BUSY = "FailedOperation.FuseFreqCtrl"


class LinkExpiredError(Exception):
    """The poster must be made anew."""


def poster(
    client: FacefusionClient,
    photo: Path,
    project: str = "100646",
    material: str = "qc_100646_154021_9",
) -> str:
    """Return the link to the poster; while the service is busy, ask again after 1, 2, 4 seconds."""
    request = FaceFusionRequest()
    request.ProjectId, request.ModelId = project, material
    request.Image = base64.b64encode(photo.read_bytes()).decode()
    request.RspImgType = "url"
    for pause in (1, 2, 4):
        try:
            return str(client.FaceFusion(request).Image)
        except TencentCloudSDKException as error:
            if error.get_code() != BUSY:
                raise
        sleep(pause)
    return str(client.FaceFusion(request).Image)


def download(link: str) -> bytes:
    """Return the poster. Raises LinkExpiredError."""
    answer = httpx.get(link)
    if answer.status_code == 403:
        raise LinkExpiredError
    return answer.raise_for_status().content
