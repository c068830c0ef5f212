"""The machine that the figures come from."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = (
    "ai-edge-litert",
    "mediapipe",
    "opencv-python-headless",
    "numpy",
    "simplejpeg",
    "fastapi",
    "uvicorn",
    "uvloop",
    "httptools",
    "msgspec",
    "pybase64",
)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def describe() -> dict[str, str]:
    """What a reader must know to compare: hardware, system, versions, date."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_value('/proc/cpuinfo', 'model name')}, {cores()} cores used",
        "memory": f"{int(_value('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.1f} GiB",
        "system": f"{_system()}, kernel {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
    }


def _value(file: str, key: str) -> str:
    for line in Path(file).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()
