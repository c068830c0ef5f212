"""Keeping the process small; what only glibc can do is left out elsewhere."""

import ctypes
import sys
from functools import cache

_M_ARENA_MAX = -8  # malloc.h


def share_one_heap() -> None:
    """Let all threads allocate from one heap, before they start.

    glibc gives each its own, where megabytes of past pictures stay for ever.
    """
    if libc := _glibc():
        libc.mallopt(_M_ARENA_MAX, 1)


def return_unused() -> None:
    """Give free memory back to the system."""
    if libc := _glibc():
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
