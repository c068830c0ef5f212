import shop

from mockserver.testing import fixtures
from mockserver.testing.container import FaceFusionContainer

with FaceFusionContainer() as mock:
    mock.fault(shop.BUSY, times=1)
    print(shop.poster(mock.client(), fixtures() / "users" / "hopper.jpg"))
    mock.requests.assert_retried(attempts=2, codes=[shop.BUSY])
