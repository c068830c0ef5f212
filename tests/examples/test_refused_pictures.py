import pytest
import shop

from mockserver.testing import MockServer, fixtures


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("no_face_landscape.jpg", "FailedOperation.FuseDetectNoFace"),
        ("face_size_too_small.jpg", "FailedOperation.FaceSizeTooSmall"),
        ("image_decode_failed.gif", "FailedOperation.ImageDecodeFailed"),
    ],
)
def test_a_refused_picture(facefusion_mock: MockServer, file: str, code: str) -> None:
    with pytest.raises(Exception, match=code):
        shop.poster(facefusion_mock.client(), fixtures() / "errors" / file)
    facefusion_mock.requests.assert_called(times=1, action="FaceFusion", code=code)
