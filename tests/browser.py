"""Chromium, driven through the console's pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests import node_sdk

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_GRAVE = ("serious", "critical")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium with a profile of its own."""
    program = shutil.which("chromium")
    assert program, "there is no chromium: install it, or leave these out with -m 'not browser'"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """Open a window on a server; it must load nothing from elsewhere and complain of nothing."""
    context = browser.new_context(base_url=url, **options)
    page = context.new_page()
    hosts: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    try:
        yield page
    finally:
        context.close()
    assert hosts - {""} <= {urlsplit(url).netloc}  # blob: and data: have no host
    assert complaints == []


def findings(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical: the rule, and the elements."""
    node_sdk.install()
    source = node_sdk.FOLDER / "node_modules" / "axe-core" / "axe.min.js"
    page.evaluate(Path(source).read_text("utf-8"))
    violations = page.evaluate("axe.run().then((found) => found.violations)")
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in violations
        if one["impact"] in _GRAVE
        for node in one["nodes"]
    ]
