import pytest
import shop

from mockserver.testing import MockServer, fixtures


@pytest.mark.facefusion_mock(frozen=True)
def test_one_call_a_second(facefusion_mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(shop, "sleep", pauses.append)
    client, photo = facefusion_mock.client(), fixtures() / "users" / "hopper.jpg"
    facefusion_mock.state.change_project("100646", state="unpublished")
    shop.poster(client, photo)
    with pytest.raises(Exception, match=shop.BUSY):
        shop.poster(client, photo)
    assert pauses == [1, 2, 4]
    facefusion_mock.clock.advance(1)
    shop.poster(client, photo)
