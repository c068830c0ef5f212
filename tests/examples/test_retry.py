import pytest
import shop

from mockserver.testing import MockServer, fixtures


def test_busy_is_retried(facefusion_mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop, "sleep", facefusion_mock.clock.advance)
    facefusion_mock.fault(shop.BUSY, times=2)
    shop.poster(facefusion_mock.client(), fixtures() / "users" / "hopper.jpg")
    facefusion_mock.requests.assert_retried(attempts=3, codes=[shop.BUSY], min_spacing=[1, 2])
