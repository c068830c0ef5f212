"""Run by test_offline.py in a network namespace with nothing but loopback: start, fuse, stop."""

import fcntl
import socket
import struct
import sys
from pathlib import Path

from mockserver.settings import Settings
from tests.live import face_fusion, running

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def raise_loopback() -> None:
    """A new namespace has a loopback interface that is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def is_alone() -> bool:
    """No interface but loopback, so no way out."""
    return [name for _, name in socket.if_nameindex()] == ["lo"]


if __name__ == "__main__":
    raise_loopback()
    assert is_alone()
    with running(Settings(results_folder=Path(sys.argv[1]), workers=2)) as live:
        pictures = {live.client().FaceFusion(face_fusion()).Image for _ in range(10)}
    assert len(pictures) == 1
    print("fused ten pictures")
