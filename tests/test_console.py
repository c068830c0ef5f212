"""The console in a real Chromium: what a developer sees and does there."""

import base64
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from mockserver.gateway.diagnose import advice
from mockserver.settings import Settings
from mockserver.state.journal import Filter
from mockserver.state.models import DEFAULT_SECRET_ID
from tests import mistaken
from tests.browser import chromium, findings, window
from tests.live import HOPPER, MATERIAL, PROJECT, Live, error_of, face_fusion, running

pytestmark = pytest.mark.browser

CONSOLE = "/_mock/console"
PAGES = (
    "/calls",
    "/projects",
    "/materials/qc_100646_154021_12",
    "/faults",
    "/clock",
    "/try",
    "/errors",
    "/login",
)
CODE = "FailedOperation.FuseFreqCtrl"
TOKEN = "a-secret-token"
CAUSE = advice()["body-serialised-again"]

_DROP = """(element, [name, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type: "image/jpeg"}));
  element.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, cancelable: true}));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running_browser:
        yield running_browser


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    with window(browser, live.url, locale="en-US") as opened:
        yield opened


def refused(live: Live) -> str:
    """Make a call whose body was written anew after it was signed; return its RequestId."""
    return str(mistaken.CompactJson(live).send()["RequestId"])


def test_a_call_appears_by_itself(page: Page, live: Live) -> None:
    page.goto(f"{CONSOLE}/calls")
    expect(page.locator("#calls")).to_contain_text("No call yet")
    live.client().FaceFusion(face_fusion())
    row = page.locator("#calls tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(MATERIAL)
    expect(row.locator(".code")).to_have_text("OK")


def test_calls_are_filtered(page: Page, live: Live) -> None:
    live.client().FaceFusion(face_fusion())
    error_of(live.client(), face_fusion(ProjectId="0"))
    page.goto(f"{CONSOLE}/calls")
    page.get_by_label("Project").fill("0")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#calls tbody tr")).to_have_count(1)
    expect(page.locator("#calls .code")).to_have_text("InvalidParameterValue.ActivityIdNotFound")


def test_a_diagnosis_is_read(page: Page, live: Live) -> None:
    request_id = refused(live)
    page.goto(f"{CONSOLE}/calls")
    expect(page.locator(".cause")).to_have_text(CAUSE["en"])
    page.locator("#calls tbody a").first.click()
    expect(page).to_have_url(re.compile(request_id))
    expect(page.locator(".cause")).to_have_text(CAUSE["en"])
    expect(page.get_by_text("as the server takes it")).to_have_count(2)
    # Only the body's hash differs, and with it the canonical request's.
    expect(page.locator("pre").first.locator("mark")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    expect(page.locator("mark")).to_have_count(4)


def test_a_photo_that_is_dropped_is_fused(page: Page) -> None:
    page.goto(f"{CONSOLE}/try")
    photo = base64.b64encode(HOPPER.read_bytes()).decode()
    page.locator("#drop").evaluate(_DROP, ["hopper.jpg", photo])
    expect(page.locator("#preview")).to_be_visible()
    page.get_by_label("show landmarks").check()
    page.get_by_role("button", name="Fuse").click()
    expect(page.locator("#outcome .code")).to_have_text("OK")
    expect(page.locator(".drawing path")).to_have_count(3)
    pictures = [page.locator(f"{place} img") for place in ("#drop", "#outcome")]
    sizes = [
        one.evaluate("async (img) => (await img.decode(), img.naturalWidth)") for one in pictures
    ]
    assert all(size > 0 for size in sizes)
    expect(page.locator("#outcome .stages")).to_contain_text("decode")


def test_degrees_are_tried(page: Page, live: Live) -> None:
    page.goto(f"{CONSOLE}/try")
    page.get_by_label("Drop a photo here").set_input_files(HOPPER)
    page.get_by_label("Action").select_option("FuseFace")
    page.get_by_label("FuseFaceDegree").fill("100")
    page.get_by_label("show landmarks").check()
    page.get_by_role("button", name="Fuse", exact=True).click()
    expect(page.locator("#outcome .code")).to_have_text("OK")
    (entry,) = live.world.journal.select(Filter())
    assert (entry.action, entry.params["FuseFaceDegree"]) == ("FuseFace", 100)


def test_a_photo_without_a_face_is_explained(page: Page) -> None:
    page.goto(f"{CONSOLE}/try")
    landscape = HOPPER.parents[1] / "errors" / "no_face_landscape.jpg"
    page.get_by_label("Drop a photo here").set_input_files(landscape)
    page.get_by_role("button", name="Fuse").click()
    expect(page.locator("#outcome .code")).to_have_text("FailedOperation.FuseDetectNoFace")
    expect(page.locator("#outcome")).to_contain_text("errors/no_face_landscape.jpg")


def test_a_code_is_injected_with_a_click_and_cleared(page: Page, live: Live) -> None:
    page.goto(f"{CONSOLE}/errors?find={CODE}")
    page.get_by_role("button", name=f"Inject into the next call: {CODE}").click()
    expect(page.locator("tbody tr")).to_contain_text(CODE)
    expect(page.locator(".status")).to_contain_text("fault rules on: 1")
    assert error_of(live.client(), face_fusion())[0] == CODE
    live.client().FaceFusion(face_fusion())
    page.reload()
    expect(page.locator("tbody .number")).to_have_text([re.compile("2$"), re.compile("1$")])
    page.get_by_role("button", name="Delete", exact=False).first.click()
    expect(page.locator(".empty")).to_be_visible()
    assert len(live.world.faults) == 0


def test_a_rule_for_some_calls_is_made_and_switched(page: Page, live: Live) -> None:
    page.goto(f"{CONSOLE}/faults")
    page.get_by_label("Error code").fill(CODE)
    page.get_by_text("Only for some calls").click()
    page.get_by_label("ProjectId").fill("100647")
    page.get_by_role("button", name="Inject").click()
    live.client().FaceFusion(face_fusion())
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()
    (entry,) = [entry for _, entry in live.world.faults.items()]
    assert (entry.rule.enabled, entry.rule.match.project, entry.hits) == (False, "100647", 0)


def test_the_clock_is_moved(page: Page, live: Live) -> None:
    page.goto(f"{CONSOLE}/clock")
    page.get_by_label("Time in UTC").fill("2030-01-01T00:00:00")
    page.get_by_role("button", name="Set", exact=True).click()
    page.get_by_role("button", name="7 days").click()
    expect(page.locator(".now")).to_contain_text("2030-01-08 00:00:00")
    expect(page.locator(".now")).to_contain_text("frozen")
    page.get_by_role("button", name="Run on").click()
    expect(page.locator(".now")).to_contain_text("running")
    assert not live.world.clock.frozen


def test_a_key_is_given_a_clock_of_its_own(page: Page, live: Live) -> None:
    before = live.world.clock.now()
    page.goto(f"{CONSOLE}/clock")
    page.get_by_label("SecretId").fill(DEFAULT_SECRET_ID)
    page.get_by_role("button", name="Show its clock").click()
    page.get_by_role("button", name="7 days").click()
    assert live.world.clock_of(DEFAULT_SECRET_ID).now() == before + 7 * 86400
    assert live.world.clock.now() == before
    page.get_by_role("button", name="Go by the server's clock:").click()
    expect(page.get_by_role("button", name="Go by the server's clock:")).to_have_count(0)
    assert live.world.clock_of(DEFAULT_SECRET_ID) is live.world.clock


def test_a_project_and_a_material_are_changed(page: Page, live: Live) -> None:
    page.goto(f"{CONSOLE}/projects")
    project = page.locator(f"#project-{PROJECT}")
    project.get_by_label("State").select_option("stopped")
    project.get_by_role("button", name="Save").click()
    expect(project.locator("h2")).to_contain_text("stopped")
    assert error_of(live.client(), face_fusion())[0] == "FailedOperation.ProjectNotAuth"
    project.get_by_role("link", name="qc_100646_154021_12").click()
    expect(page.locator(".drawing rect")).to_have_count(3)
    expect(page.locator(".drawing text")).to_have_text([f"100646_12_{n}" for n in (1, 2, 3)])
    page.get_by_label("Audit").select_option("pending")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Audit")).to_have_value("pending")


def test_both_languages(browser: Browser, live: Live) -> None:
    refused(live)
    with window(browser, live.url, locale="zh-CN") as page:
        page.goto(f"{CONSOLE}/calls")
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        expect(page.locator(".cause")).to_have_text(CAUSE["zh"])
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Calls")).to_be_visible()
        page.get_by_role("link", name="Faults", exact=True).click()  # the choice is kept
        expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_phone_shows_every_page_in_its_width(browser: Browser, live: Live, language: str) -> None:
    request_id = refused(live)
    error_of(live.client(), face_fusion(ProjectId="x" * 200))
    httpx.post(f"{live.url}/_mock/faults", json={"act": {"error": CODE}, "id": "x" * 64})
    with window(browser, live.url, viewport={"width": 360, "height": 700}) as page:
        for path in (*PAGES, f"/calls/{request_id}"):
            page.goto(f"{CONSOLE}{path}?language={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding(browser: Browser, live: Live, scheme: str) -> None:
    request_id = refused(live)
    live.client().FaceFusion(face_fusion())
    httpx.post(f"{live.url}/_mock/faults", json={"act": {"error": CODE}})
    with window(browser, live.url, color_scheme=scheme) as page:
        for path in (*PAGES, f"/calls/{request_id}"):
            page.goto(f"{CONSOLE}{path}")
            assert findings(page) == [], path


def test_what_a_caller_sends_is_shown_as_text(page: Page, live: Live) -> None:
    evil = "</td><img src=x onerror=alert(1)><script>alert(2)</script>"
    error_of(live.client(), face_fusion(ProjectId=evil, ModelId=evil))
    page.goto(f"{CONSOLE}/calls")
    expect(page.locator("#calls tbody tr")).to_contain_text(evil)
    page.locator("#calls tbody a").first.click()
    expect(page.locator("pre").first).to_contain_text("onerror")
    expect(page.locator("main img, main script")).to_have_count(0)


def test_a_browser_logs_in_and_out(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = Settings(
        results_folder=tmp_path_factory.mktemp("results"), workers=1, admin_token=TOKEN
    )
    with running(settings) as guarded, window(browser, guarded.url, locale="en-US") as page:
        page.goto(f"{CONSOLE}/clock")
        page.get_by_label("Admin token").fill(TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Clock").click()
        page.get_by_role("button", name="Freeze").click()
        expect(page.locator(".now")).to_contain_text("frozen")
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Log out").click()
        page.goto(f"{CONSOLE}/clock")
        expect(page.get_by_label("Admin token")).to_be_visible()
