"""Where the real names lead to the mock, unmodified SDKs get pictures with their defaults."""

import json
import subprocess
import sys
from pathlib import Path

from tests.node_sdk import install

APART = ["unshare", "--map-root-user", "--net", "--mount", sys.executable, "-m", "tests.taken_over"]
HOST = "facefusion.tencentcloudapi.com"

if sys.platform == "linux":  # namespaces are Linux's

    def test_sdks_with_their_default_endpoint_get_pictures(tmp_path: Path) -> None:
        install()
        root = Path(__file__).parents[1]
        words = [*APART, str(tmp_path)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=100, cwd=root)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {
            "python": f"https://{HOST}",
            "async python": f"https://{HOST}",
            "node": f"https://{HOST}",
            "tccli": f"https://{HOST}",
            "breaker": [[HOST, None], ["facefusion.ap-guangzhou.tencentcloudapi.com", "region"]],
        }
