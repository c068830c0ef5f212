"""Makes docs/console.png: the console's page of a call whose signature was refused."""

import tempfile
from pathlib import Path

from mockserver.settings import Settings
from tests import mistaken
from tests.browser import chromium, window
from tests.live import running

_PICTURE = Path(__file__).parents[1] / "docs" / "console.png"
_SIZE = {"width": 1100, "height": 620}


def main() -> None:
    """Refuse a call and take its picture."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        settings = Settings(results_folder=Path(folder), workers=1, random_seed=1)
        with running(settings) as live:
            request_id = mistaken.CompactJson(live).send()["RequestId"]
            with window(browser, live.url, locale="en-US", viewport=_SIZE) as page:
                page.goto(f"/_mock/console/calls/{request_id}")
                page.screenshot(path=_PICTURE)


if __name__ == "__main__":
    main()
