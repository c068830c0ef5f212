from datetime import timedelta

import pytest
import shop

from mockserver.testing import MockServer, fixtures

PHOTO = fixtures() / "users" / "hopper.jpg"


def test_a_link_expires_after_a_week(facefusion_mock: MockServer) -> None:
    link = shop.poster(facefusion_mock.client(), PHOTO)
    assert shop.download(link).startswith(b"\xff\xd8")
    facefusion_mock.clock.advance(timedelta(days=7))
    with pytest.raises(shop.LinkExpiredError):
        shop.download(link)


def test_a_link_that_is_expired_from_the_start(facefusion_mock: MockServer) -> None:
    facefusion_mock.fault(result="expired")
    link = shop.poster(facefusion_mock.client(), PHOTO)
    with pytest.raises(shop.LinkExpiredError):
        shop.download(link)
