import unittest

import shop

from mockserver.testing import MockServer, fixtures


class Posters(unittest.TestCase):
    mock: MockServer

    @classmethod
    def setUpClass(cls) -> None:
        cls.mock = MockServer(workers=1).start()
        cls.addClassCleanup(cls.mock.stop)

    def setUp(self) -> None:
        self.mock.reset()

    def test_a_poster_is_made(self) -> None:
        link = shop.poster(self.mock.client(), fixtures() / "users" / "hopper.jpg")
        self.assertTrue(link.startswith(self.mock.url))
        self.mock.requests.assert_called(times=1, code="OK")
