"""The journal: the last calls, bounded by count and bytes, without pictures and secrets."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Failover = Literal["domain", "region"]  # the kind of name that SDKs turn to after failures

_ENTRY_BYTES = 850  # its short fields and stages as JSON, about


@dataclass(slots=True, kw_only=True)
class Picture:
    """A user's picture as the journal keeps it: not its bytes."""

    sha256: str
    bytes: int
    format: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(slots=True, kw_only=True)
class Entry:
    """One call and how it ended; `code` is OK or the error's."""

    request_id: str
    time: float
    milliseconds: float
    method: str
    host: str
    server_name: str = ""
    failover: Failover | None = None
    client: str
    user_agent: str
    action: str
    version: str
    region: str
    language: str
    secret_id: str
    project: str
    material: str
    code: str
    message: str
    params: dict[str, Any]
    pictures: list[Picture]
    result: str | None
    faults: list[str] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)  # milliseconds
    diagnosis: dict[str, Any] | None = None


@dataclass(frozen=True)
class Filter:
    """Which entries; an absent field admits all."""

    action: str | None = None
    project: str | None = None
    code: str | None = None
    key: str | None = None

    def admits(self, entry: Entry) -> bool:
        """Tell whether an entry is meant."""
        wanted = (self.action, self.project, self.code, self.key)
        has = (entry.action, entry.project, entry.code, entry.secret_id)
        return all(want in (None, value) for want, value in zip(wanted, has, strict=True))


ALL = Filter()


def _size(entry: Entry) -> int:
    """Return about how many bytes an entry takes; to write it out only for that is too dear."""
    texts = len(repr(entry.params)) + len(repr(entry.diagnosis)) + len(entry.message)
    return _ENTRY_BYTES + texts


class Journal:
    """The last entries, the oldest dropped first."""

    def __init__(self, *, max_entries: int, max_bytes: int) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, tuple[Entry, int]] = OrderedDict()
        self._bytes = 0
        self._pending: dict[str, asyncio.Future[Any]] = {}

    def add(self, entry: Entry) -> None:
        """Keep an entry, or keep it anew with what was found out since."""
        size = _size(entry)
        _, before = self._entries.get(entry.request_id, (entry, 0))
        self._entries[entry.request_id] = entry, size
        self._bytes += size - before
        while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def await_diagnosis(self, entry: Entry, diagnosis: "asyncio.Future[Any]") -> None:
        """Complete an entry when its diagnosis is there."""
        self._pending[entry.request_id] = diagnosis

        def complete(done: "asyncio.Future[Any]") -> None:
            self._pending.pop(entry.request_id, None)
            if done.cancelled() or done.result() is None or entry.request_id not in self._entries:
                return
            self.add(replace(entry, diagnosis=done.result().as_dict()))

        diagnosis.add_done_callback(complete)

    async def get(self, request_id: str) -> Entry | None:
        """Return an entry, with its diagnosis if there is one to come."""
        if pending := self._pending.get(request_id):
            await asyncio.wait([pending])
        found = self._entries.get(request_id)
        return found[0] if found else None

    def select(self, wanted: Filter) -> Iterator[Entry]:
        """Yield the entries meant, the latest first."""
        return (entry for entry, _ in reversed(self._entries.values()) if wanted.admits(entry))

    def clear(self, wanted: Filter = ALL) -> int:
        """Forget the entries meant; return how many there were."""
        meant = [entry.request_id for entry in self.select(wanted)]
        for request_id in meant:
            self._drop(request_id)
        return len(meant)

    def _drop(self, request_id: str) -> None:
        if dropped := self._entries.pop(request_id, None):
            self._bytes -= dropped[1]
