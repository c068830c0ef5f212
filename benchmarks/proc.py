"""What the kernel counts for a process: processor time and memory. Linux only."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_IDLE = (3, 4)  # idle and iowait, columns of /proc/stat


def cpu_seconds(pid: int) -> float:
    """Processor time of a process, user and system, over all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def busy_seconds() -> float:
    """Processor time that the whole machine has used, whatever for."""
    first = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    return sum(int(ticks) for at, ticks in enumerate(first) if at not in _IDLE) / _TICKS


def resident_mb(pid: int) -> float:
    """Resident memory in MB (10**6 bytes), shared pages included."""
    return _status_mb(pid, "VmRSS")


def peak_mb(pid: int) -> float:
    """The largest resident memory so far, in MB."""
    return _status_mb(pid, "VmHWM")


def _status_mb(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"/proc/{pid}/status has no {name}")
