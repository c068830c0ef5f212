"""Every natural error of a fusion, produced through the official SDK by a picture or a value."""

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import catalogue
from mockserver.settings import Settings
from tests.live import (
    FIXTURES,
    UNPUBLISHED,
    Live,
    asking,
    base64_of,
    error_of,
    face_fusion,
    fuse_face,
    running,
)
from tests.natural import without_folder, without_time, without_workers

GROUP = "qc_100646_154021_12"
both_actions = pytest.mark.parametrize("action", ["FaceFusion", "FuseFace"])

PICTURES = {
    "no_face_landscape.jpg": "FailedOperation.FuseDetectNoFace",
    "no_face_detected_blur.jpg": "FailedOperation.NoFaceDetected",
    "no_face_detected_rotated.jpg": "FailedOperation.NoFaceDetected",
    "face_size_too_small.jpg": "FailedOperation.FaceSizeTooSmall",
    "face_exceed_border.jpg": "FailedOperation.FaceExceedBorder",
    "face_border_check_failed.jpg": "FailedOperation.FaceBorderCheckFailed",
    "face_shape_failed.jpg": "FailedOperation.FaceShapeFailed",
    "face_shape_failed_drawing.png": "FailedOperation.FaceShapeFailed",
    "face_fusion_error_profile.jpg": "FailedOperation.FaceFusionError",
    "fuse_image_error_truncated.jpg": "FailedOperation.FuseImageError",
    "fuse_image_error_damaged.jpg": "FailedOperation.FuseImageError",
    "image_decode_failed.gif": "FailedOperation.ImageDecodeFailed",
    "image_decode_failed.webp": "FailedOperation.ImageDecodeFailed",
    "image_decode_failed.txt": "FailedOperation.ImageDecodeFailed",
    "image_resolution_exceed.jpg": "FailedOperation.ImageResolutionExceed",
    "image_resolution_too_small.jpg": "FailedOperation.ImageResolutionTooSmall",
    "image_size_invalid_aspect.jpg": "FailedOperation.ImageSizeInvalid",
}
META_33 = {"ImageCodecParam": {"MetaData": [{"MetaKey": "k" * 33, "MetaValue": "v"}]}}
META_257 = {"ImageCodecParam": {"MetaData": [{"MetaKey": "k", "MetaValue": "v" * 257}]}}
META_NUL = {"ImageCodecParam": {"MetaData": [{"MetaKey": "k", "MetaValue": "\0"}]}}
VALUES: list[tuple[dict[str, Any], str]] = [
    ({"Image": "@@@"}, "FailedOperation.ImageDecodeFailed"),
    ({"Image": "data:image/jpeg;base64,/9j/"}, "FailedOperation.ImageDecodeFailed"),
    ({"Image": ""}, "InvalidParameterValue.ImageEmpty"),
    ({"Image": None}, "InvalidParameterValue.ImageEmpty"),
    ({"Image": "A" * (5 * 1024 * 1024 + 4)}, "FailedOperation.ImageSizeExceed"),
    ({"Image": "A" * (9 * 1024 * 1024)}, "FailedOperation.RequestEntityTooLarge"),
    ({"Image": "A" * (11 * 1024 * 1024)}, "RequestSizeLimitExceeded"),
    ({"Url": "http://127.0.0.1:9/none.jpg"}, "FailedOperation.ImageDownloadError"),
    ({"Url": "http://169.254.169.254/latest"}, "FailedOperation.ImageDownloadError"),
    ({"Url": "http://[::ffff:169.254.169.254]/"}, "FailedOperation.ImageDownloadError"),
    ({"Url": "http://0.0.0.0/"}, "FailedOperation.ImageDownloadError"),
    ({"Url": "file:///etc/passwd"}, "FailedOperation.ImageDownloadError"),
    ({"Url": "no address"}, "FailedOperation.ImageDownloadError"),
    ({"RspImgType": "jpeg"}, "InvalidParameterValue.ParameterValueError"),
    ({"CelebrityIdentify": 2}, "InvalidParameterValue.ParameterValueError"),
    ({"FuseParam": META_33}, "FailedOperation.ParameterValueError"),
    ({"FuseParam": META_257}, "FailedOperation.ParameterValueError"),
    ({"FuseParam": META_NUL}, "FailedOperation.ParameterValueError"),
    ({"ProjectId": "999999"}, "InvalidParameterValue.ActivityIdNotFound"),
    ({"ModelId": "qc_100646_0_0"}, "InvalidParameterValue.MaterialIdNotFound"),
    ({"ModelId": "qc_100647_154022_1"}, "FailedOperation.FuseMaterialNotExist"),
    ({"ModelId": "qc_100646_154021_15"}, "FailedOperation.FuseMaterialNotExist"),
    ({"ModelId": "qc_100646_154021_14"}, "FailedOperation.FuseMaterialNotAuth"),
    ({"ModelId": "qc_100646_154021_13"}, "FailedOperation.ImagePixelExceed"),
    ({"ProjectId": "100648"}, "FailedOperation.ProjectNotAuth"),
    ({"ProjectId": "100649"}, "FailedOperation.ProjectNotAuth"),
    ({"ProjectId": 5}, "InvalidParameter"),
    ({"RspImgType": None}, "MissingParameter"),
]


GOOD = {"Image": base64_of(FIXTURES / "users" / "hopper.jpg")}
LANDSCAPE = {"Image": base64_of(FIXTURES / "errors" / "no_face_landscape.jpg")}


def in_rect(x: int, y: int, width: int, height: int) -> dict[str, Any]:
    """The portrait, 512x600 with its face at about (180, 110), and a rectangle in it."""
    return {**GOOD, "InputImageFaceRect": {"X": x, "Y": y, "Width": width, "Height": height}}


def onto(face: str) -> dict[str, Any]:
    return {**GOOD, "TemplateFaceID": face}


MERGE_INFOS: list[tuple[list[dict[str, Any]], str]] = [
    ([], "InvalidParameterValue.ParameterValueError"),
    ([GOOD] * 4, "InvalidParameterValue.ParameterValueError"),
    ([onto("100646_12_1")] * 2, "InvalidParameterValue.ParameterValueError"),
    ([in_rect(180, 110, 29, 200)], "InvalidParameterValue.FaceRectParameterValueError"),
    ([in_rect(180, 110, 200, 29)], "InvalidParameterValue.FaceRectParameterValueError"),
    ([in_rect(-1, 110, 200, 200)], "InvalidParameterValue.FaceRectParameterValueError"),
    ([in_rect(180, -1, 200, 200)], "InvalidParameterValue.FaceRectParameterValueError"),
    ([in_rect(150, 60, 363, 300)], "FailedOperation.FaceRectInvalid"),
    ([in_rect(150, 60, 200, 541)], "FailedOperation.FaceRectInvalid"),
    ([in_rect(330, 60, 180, 300)], "FailedOperation.FaceRectInvalid"),
    ([in_rect(10, 480, 90, 90)], "FailedOperation.FaceRectInvalid"),
    ([onto("100646_12_4")], "FailedOperation.TemplateFaceIDNotExist"),
    ([GOOD, onto("100646_9_1")], "FailedOperation.TemplateFaceIDNotExist"),
    ([LANDSCAPE], "InvalidParameterValue.NoFaceInPhoto"),
    ([GOOD, LANDSCAPE], "InvalidParameterValue.NoFaceInPhoto"),
    ([GOOD, {}], "InvalidParameterValue.ImageEmpty"),
    ([GOOD, {"Image": "@@@"}, LANDSCAPE], "FailedOperation.ImageDecodeFailed"),
]


def expect(live: Live, request: Any, code: str, **values: object) -> None:
    """The call fails with this code, and with its text in both languages."""
    entry = catalogue()[code]
    for language, text in (("zh-CN", entry.zh), ("en-US", entry.en)):
        got = error_of(live.client(language=language), request)
        assert got[0] == code
        if not entry.texts and "{" not in text:
            assert got[1] == text


@both_actions
@pytest.mark.parametrize(("name", "code"), PICTURES.items())
def test_a_picture(live: Live, action: str, name: str, code: str) -> None:
    if (action, code) == ("FuseFace", "FailedOperation.FuseDetectNoFace"):
        code = "InvalidParameterValue.NoFaceInPhoto"
    expect(live, asking(action, Image=base64_of(FIXTURES / "errors" / name)), code)


@both_actions
@pytest.mark.parametrize(("changes", "code"), VALUES)
def test_a_value(live: Live, action: str, changes: dict[str, Any], code: str) -> None:
    expect(live, asking(action, **changes), code)


@pytest.mark.parametrize(("infos", "code"), MERGE_INFOS)
def test_merge_infos(live: Live, infos: list[dict[str, Any]], code: str) -> None:
    expect(live, fuse_face(ModelId=GROUP, MergeInfos=infos), code)


def test_more_pictures_than_faces(live: Live) -> None:
    expect(live, fuse_face(GOOD, GOOD), "FailedOperation.TemplateFaceIDNotExist")


@pytest.mark.parametrize("name", ["FuseProfileDegree", "FuseFaceDegree"])
@pytest.mark.parametrize("degree", [-1, 101])
def test_a_degree_out_of_range(live: Live, name: str, degree: int) -> None:
    expect(live, fuse_face(**{name: degree}), "InvalidParameterValue.ParameterValueError")


def test_every_picture_fixture_is_used() -> None:
    files = {file.name for file in (FIXTURES / "errors").iterdir()}
    assert files - set(PICTURES) <= {"no_face_cat.jpg"}


@both_actions
def test_a_used_up_quota(live: Live, action: str) -> None:
    project = live.world.accounts.project(live.world.accounts.any(), "100646")
    assert project is not None
    project.quota = 1
    live.client().FaceFusion(face_fusion())
    expect(live, asking(action), "FailedOperation.ProjectNotAuth")


@both_actions
def test_two_calls_in_a_second_to_the_unpublished_project(live: Live, action: str) -> None:
    request = asking(action, ProjectId=UNPUBLISHED, ModelId="qc_100647_154022_1")
    getattr(live.client(), action)(request)
    expect(live, request, "FailedOperation.FuseFreqCtrl")


@both_actions
def test_a_part_of_the_server_that_fails(live: Live, action: str) -> None:
    with without_folder(live):
        expect(live, asking(action, RspImgType="url"), "FailedOperation.FuseSavePhotoFail")
    with without_time(live):
        expect(live, asking(action), "FailedOperation.RequestTimeout")
    with without_workers(live):
        expect(live, asking(action), "FailedOperation.RpcFail")


class Pictures(BaseHTTPRequestHandler):
    """A picture server with all that can go wrong at one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/redirect/"):
            left = int(self.path.split("/")[-1])
            self.answer(302, b"", f"/redirect/{left - 1}" if left else "/hopper.jpg")
        elif self.path == "/to-metadata":
            self.answer(302, b"", "http://169.254.169.254/latest/meta-data")
        elif self.path == "/hopper.jpg":
            self.answer(200, (FIXTURES / "users" / "hopper.jpg").read_bytes())
        elif self.path == "/empty":
            self.answer(200, b"")
        elif self.path == "/large":
            self.answer(200, bytes(11 * 1024 * 1024))
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b"\xff\xd8\xff")
            self.close_connection = True
        elif self.path == "/slow":
            self.server.released.wait()  # type: ignore[attr-defined]
            self.answer(200, b"late")
        else:
            self.answer(404, b"none")

    def answer(self, status: int, body: bytes, location: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


class Threads(HTTPServer):
    """One thread a connection, so that a slow one holds no other."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pictures)
        self.released = threading.Event()

    def process_request(self, request: Any, client_address: Any) -> None:
        threading.Thread(target=self._serve, args=(request, client_address), daemon=True).start()

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:
            pass  # the client has had enough
        finally:
            self.shutdown_request(request)


@pytest.fixture
def pictures() -> Iterator[str]:
    server = Threads()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/none", "FailedOperation.ImageDownloadError"),
        ("/redirect/5", "FailedOperation.ImageDownloadError"),
        ("/to-metadata", "FailedOperation.ImageDownloadError"),
        ("/cut", "FailedOperation.ImageDownloadError"),
        ("/empty", "InvalidParameterValue.ImageEmpty"),
        ("/large", "FailedOperation.ImageSizeInvalid"),
    ],
)
def test_a_download(live: Live, pictures: str, path: str, code: str) -> None:
    for request in (face_fusion(Url=pictures + path), fuse_face(GOOD, {"Url": pictures + path})):
        request.ModelId = GROUP
        expect(live, request, code)


def test_a_download_behind_a_few_redirects(live: Live, pictures: str) -> None:
    direct = live.client().FaceFusion(face_fusion(Url=f"{pictures}/hopper.jpg")).Image
    assert live.client().FaceFusion(face_fusion(Url=f"{pictures}/redirect/2")).Image == direct
    assert base64.b64decode(direct)


def test_a_download_that_takes_too_long(tmp_path: Path, pictures: str) -> None:
    settings = Settings(results_folder=tmp_path, workers=1, download_seconds=0.1)
    with running(settings) as live:
        expect(live, face_fusion(Url=f"{pictures}/slow"), "FailedOperation.ImageDownloadError")
