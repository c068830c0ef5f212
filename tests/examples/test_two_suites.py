import pytest
import shop
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from mockserver.testing import MockClient, MockServer, Sandbox, fixtures

NO_RPC = "FailedOperation.RpcFail"


def make_poster(sandbox: Sandbox) -> str:
    photo = fixtures() / "users" / "hopper.jpg"
    return shop.poster(sandbox.client(), photo, sandbox.project_id, sandbox.model_id)


def test_one_suite_does_not_touch_the_other(facefusion_mock: MockServer) -> None:
    shared = MockClient(facefusion_mock.url)  # the address of any mock that runs
    with shared.state.sandbox() as mine, shared.state.sandbox(seconds=600) as yours:
        mine.fault(NO_RPC)
        yours.clock.freeze()
        with pytest.raises(TencentCloudSDKException, match=NO_RPC):
            make_poster(mine)
        make_poster(yours)
        mine.requests.assert_called(times=1, code=NO_RPC)
        yours.requests.assert_called(times=1, code="OK")
    assert not shared.clock.is_frozen
