"""The server needs no network: it starts, fuses and stops where only loopback exists."""

import subprocess
import sys
from pathlib import Path

ALONE = ["unshare", "--map-root-user", "--net", sys.executable, "-m", "tests.alone"]

if sys.platform == "linux":  # network namespaces are Linux's

    def test_everything_works_without_a_network(tmp_path: Path) -> None:
        root = Path(__file__).parents[1]
        words = [*ALONE, str(tmp_path)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=100, cwd=root)
        assert (done.returncode, done.stdout) == (0, "fused ten pictures\n"), done.stderr
