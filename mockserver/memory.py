"""Keeping the process small; what only glibc can do is left out elsewhere."""

import ctypes
import sys
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
_LARGE, _VERY_LARGE = 32 * 1024 * 1024, 256 * 1024 * 1024


def share_one_heap() -> None:
    """Let all threads allocate from one heap, before they start.

    glibc gives each its own, where megabytes of past pictures stay for ever.
    """
    if libc := _glibc():
        libc.mallopt(_M_ARENA_MAX, 1)


def settle() -> None:
    """Give back what the start has left over, and from now on keep what pictures leave.

    glibc gives each picture's memory back to the system only to ask for it again: zeroing fresh
    pages takes a tenth of a picture's time.
    """
    if libc := _glibc():
        libc.malloc_trim(0)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        libc.mallopt(_M_TRIM_THRESHOLD, _VERY_LARGE)


@cache
def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
