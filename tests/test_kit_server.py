"""MockServer: starts on a free port, several at once, and says why it does not start."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mockserver.server import StartError
from mockserver.settings import SettingsError
from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY
from mockserver.state.seed import SeedError
from mockserver.testing import MockClient, MockServer, RemoteError, fixtures
from tests.live import HOPPER, face_fusion

SEED = """
accounts:
  - keys: [{{secret_id: AKIDmine, secret_key: my-own-key}}]
    projects:
      - id: empty
      - id: mine
        materials: [{{id: qc_mine_1_1, file: '{file}'}}]
"""


def own_seed(folder: Path, picture: Path = HOPPER) -> Path:
    file = folder / "seed.yaml"
    file.write_text(SEED.format(file=picture))
    return file


def test_two_at_once_do_not_know_of_each_other(tmp_path: Path) -> None:
    own_seed(tmp_path)
    with MockServer(workers=1) as one, MockServer(seed=tmp_path, workers=1) as two:
        assert one.url != two.url
        assert (one.secret_id, one.secret_key) == (DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)
        assert (two.secret_id, two.secret_key) == ("AKIDmine", "my-own-key")
        assert (two.project_id, two.model_id) == ("mine", "qc_mine_1_1")
        one.fault("FailedOperation.RpcFail")
        one.clock.freeze()
        request = face_fusion(ProjectId=two.project_id, ModelId=two.model_id)
        assert two.client().FaceFusion(request).Image
        assert not two.clock.is_frozen
        two.requests.assert_called(times=1, code="OK")
        one.requests.assert_not_called()


def test_it_leaves_nothing_and_can_be_started_again() -> None:
    mock = MockServer(workers=1).start()
    first = mock.url
    link = mock.client().FaceFusion(face_fusion(RspImgType="url")).Image
    folder = mock._world.settings.results_folder
    assert httpx.get(link).is_success
    assert any(folder.iterdir())
    with pytest.raises(RuntimeError, match=f"runs already, at {first}"):
        mock.start()
    mock.stop()
    mock.stop()
    assert not folder.exists()
    with pytest.raises(RemoteError, match="refused"):
        MockClient(first).clock.now  # noqa: B018  it asks
    with pytest.raises(RuntimeError, match="not running"):
        mock.requests.count()
    with mock:
        assert mock.requests.count() == 0


def test_an_unknown_option_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(TypeError, match=r"no option sed; there are: admin_hosts.*, verify,"):
        MockServer(sed="x").start()


def test_a_value_that_does_not_fit_is_named() -> None:
    with pytest.raises(SettingsError, match=r"FACEFUSION_MOCK_WORKERS: .* not 'many'"):
        MockServer(workers="many").start()


def test_a_taken_port_is_named() -> None:
    with MockServer(workers=1) as mock:
        port = int(mock.endpoint.rpartition(":")[2])
        with pytest.raises(StartError, match=f"port {port} is taken"):
            MockServer(port=port).start()


def test_a_mistake_in_the_seed_is_raised_where_the_server_is_started(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="No such file"):
        MockServer(seed=tmp_path / "none.yaml").start()
    landscape = fixtures() / "errors" / "no_face_landscape.jpg"
    mock = MockServer(seed=own_seed(tmp_path, landscape), workers=1)
    with pytest.raises(SeedError, match="material qc_mine_1_1: "):
        mock.start()
    assert not mock.is_running


def test_settings_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEFUSION_MOCK_WORKERS", "1")
    monkeypatch.setenv("FACEFUSION_MOCK_PORT", "8670")
    monkeypatch.setenv("FACEFUSION_MOCK_ADMIN_TOKEN", "令牌")
    with MockServer() as mock:
        assert (mock._world.settings.workers, mock.endpoint != "127.0.0.1:8670") == (1, True)
        mock.reset()
        with pytest.raises(RemoteError, match="HTTP 401"):
            MockClient(mock.url).reset()


def test_https_with_an_authority_of_its_own() -> None:
    with MockServer(tls=True, workers=1) as mock:
        assert mock.https_url is not None
        assert not mock.https_url.endswith(":8643")  # but any free port
        profile = mock.profile()
        http = profile.httpProfile
        http.scheme, http.endpoint = mock.https_url.split("://")
        http.certification = str(mock.ca_file)
        request = face_fusion(RspImgType="url")
        assert mock.client(profile=profile).FaceFusion(request).Image.startswith(mock.https_url)


def test_nothing_heavy_is_imported_before_the_start() -> None:
    code = (
        "import sys, mockserver.testing as kit; print(*sys.modules);"
        "kit.MockServer(workers=1); kit.MockClient('http://localhost:1'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported, made = (set(line.split()) for line in done.stdout.splitlines())
    heavy = {"cv2", "fastapi", "httpx", "mediapipe", "numpy", "pydantic", "pytest", "tencentcloud"}
    assert not made & heavy
    assert {name for name in imported if name.startswith("mockserver")} == {
        "mockserver",
        "mockserver.testing",
    }


def test_without_the_sdk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("tencentcloud")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tencentcloud", None)
    mock = MockClient("http://127.0.0.1:8670")
    for make in (mock.profile, mock.client):
        with pytest.raises(ImportError, match="pip install tencentcloud-sdk-python-facefusion"):
            make()
