import pytest
import shop
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from mockserver.testing import MockServer, fixtures


def test_arrears_are_told_at_once(facefusion_mock: MockServer) -> None:
    facefusion_mock.state.change_account(billing="in_arrears")
    with pytest.raises(TencentCloudSDKException, match="InArrears"):
        shop.poster(facefusion_mock.client(), fixtures() / "users" / "hopper.jpg")
    facefusion_mock.requests.assert_called(times=1, code="ResourceUnavailable.InArrears")
