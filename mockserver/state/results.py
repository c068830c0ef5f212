"""The result store: fused pictures on disk, under names that cannot be guessed.

A name is `<ModelId>_<nanoseconds>_<32 hex digits>.<jpg|png>`: the first two parts as seen in an
old documented example, the third so that no one finds another's picture. The time stands in the
name, so a link that expired is told apart from one that never was, even after its file is gone.
Whether it has expired is for the clock of the key to say that the picture was made for.
"""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Lock
from typing import Protocol

from mockserver.state.clock import ClockOf

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}_(?P<nanoseconds>\d{1,20})_[0-9a-f]{32}\.(jpg|png)")
_PART = ".part"


class ResultExpiredError(Exception):
    """The link was valid once, but is no longer."""


class ResultNotFoundError(Exception):
    """There is no such result."""


class ResultStore(Protocol):
    """Keeps fused pictures for as long as their links are valid."""

    def open(self) -> None:
        """Make it usable. Raises OSError."""

    def put(
        self, model_id: str, data: bytes, suffix: str, *, secret_id: str = "", expired: bool = False
    ) -> str:
        """Keep a key's picture and return its name; `expired`: one whose time is over already.

        Raises OSError when it cannot be written, ApiError FailedOperation.ServerError when the
        store is out of reach.
        """

    def get(self, name: str) -> bytes:
        """Return a picture. Raises ResultExpiredError, ResultNotFoundError, and as `put`."""


class Names:
    """Makes the names of results, and reads from them when their time is over."""

    def __init__(self, *, clock_of: ClockOf, random: Random, days: float) -> None:
        self._clock_of = clock_of
        self._random = random
        self._lifetime_ns = int(days * 86400 * 1e9)
        self._lock = Lock()

    def new(self, model_id: str, suffix: str, *, secret_id: str, expired: bool) -> str:
        """Return a name for a key's picture; `expired`: one whose time is over already."""
        now = int(self._clock_of(secret_id).now() * 1e9)
        moment = max(0, now - expired * self._lifetime_ns)
        with self._lock:
            return f"{model_id}_{moment}_{self._random.getrandbits(128):032x}.{suffix}"

    def check(self, name: str) -> None:
        """Raise ResultNotFoundError for what can be no result's name."""
        if not _NAME.fullmatch(name):
            raise ResultNotFoundError

    def has_expired(self, name: str, secret_id: str) -> bool:
        """Tell whether the time of a key's picture is over."""
        return self._clock_of(secret_id).now() * 1e9 >= _nanoseconds(name) + self._lifetime_ns


class DirectoryResults:
    """Results as files of one folder, which one server owns.

    A file appears whole or not at all: it is written aside and renamed. Over `max_bytes` the
    oldest go first.
    """

    def __init__(self, folder: Path, names: Names, *, max_bytes: int) -> None:
        self._folder = folder
        self._names = names
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._sizes: dict[str, int] = {}
        self._owners: dict[str, str] = {}  # SecretIds; those from before the start are forgotten
        self._total = 0

    def open(self) -> None:
        """Make the folder and take stock of it. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for left_over in self._folder.glob(f"*{_PART}"):
            left_over.unlink(missing_ok=True)
        files = [file for file in self._folder.iterdir() if _NAME.fullmatch(file.name)]
        sizes = {file.name: file.stat().st_size for file in files}
        self._sizes = dict(sorted(sizes.items(), key=lambda item: _nanoseconds(item[0])))
        self._total = sum(sizes.values())

    def put(
        self, model_id: str, data: bytes, suffix: str, *, secret_id: str = "", expired: bool = False
    ) -> str:
        """Keep a key's picture and return its name; `expired`: one whose time is over already.

        Raises OSError when it cannot be written.
        """
        name = self._names.new(model_id, suffix, secret_id=secret_id, expired=expired)
        part = self._folder / (name + _PART)
        try:
            part.write_bytes(data)
            part.replace(self._folder / name)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        with self._lock:
            self._sizes[name], self._owners[name] = len(data), secret_id
            self._total += len(data)
            self._make_room()
        return name

    def get(self, name: str) -> bytes:
        """Return a picture. Raises ResultExpiredError, ResultNotFoundError."""
        self._names.check(name)
        if self._expired(name):
            raise ResultExpiredError
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            raise ResultNotFoundError from None

    def _expired(self, name: str) -> bool:
        return self._names.has_expired(name, self._owners.get(name, ""))

    def _make_room(self) -> None:
        """Remove what expired and what is over the limit, oldest first."""
        self._remove_first(self._expired)
        self._remove_first(lambda _: self._total > self._max_bytes)

    def _remove_first(self, condition: Callable[[str], bool]) -> None:
        while self._sizes and condition(name := next(iter(self._sizes))):
            (self._folder / name).unlink(missing_ok=True)
            self._total -= self._sizes.pop(name)
            self._owners.pop(name, None)


def _nanoseconds(name: str) -> int:
    match = _NAME.fullmatch(name)
    return int(match["nanoseconds"]) if match else 0
