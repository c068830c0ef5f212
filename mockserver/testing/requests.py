"""The journal as a test reads it, and assertions on it that explain themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from textwrap import indent
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from mockserver.testing.retries import RetryContract, Spacing
from mockserver.testing.table import table

if TYPE_CHECKING:
    from mockserver.remote import Remote
    from mockserver.state.journal import Entry

_MOST = 10_000  # calls that the server tells at once
_DIAGNOSED = 2  # refused calls that a failure explains


class Filter(TypedDict, total=False):
    """Which calls; `code` is OK or an error's, `key` a SecretId. What is left out admits all."""

    action: str | None
    project: str | None
    code: str | None
    key: str | None


class Requests:
    """The calls in the journal that a filter admits, the first one first; asked anew each time."""

    def __init__(self, remote: Remote, **wanted: Unpack[Filter]) -> None:
        """Raises TypeError for a filter that there is not."""
        if unknown := wanted.keys() - Filter.__optional_keys__:
            known = ", ".join(sorted(Filter.__optional_keys__))
            raise TypeError(f"calls are not filtered by {', '.join(unknown)}, but by: {known}")
        self._remote = remote
        self._wanted = wanted

    def filter(self, **wanted: Unpack[Filter]) -> Requests:
        """Return those that this filter admits as well.

        Raises ValueError where it contradicts the filter that there is.
        """
        for name, value in self._wanted.items():
            if value is not None and wanted.get(name, value) != value:
                raise ValueError(f"these calls are filtered by {name}={value} already")
        merged: Filter = {**self._wanted, **wanted}
        return Requests(self._remote, **merged)

    def __iter__(self) -> Iterator[Entry]:
        told = self._remote.ask("GET", "/requests", limit=_MOST, **self._wanted)
        return (_entry(one) for one in reversed(told))

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, index: int) -> Entry:
        return list(self)[index]

    def count(self) -> int:
        """Return how many there are."""
        return int(self._remote.ask("GET", "/requests/count", **self._wanted)["count"])

    def get(self, request_id: str) -> Entry:
        """Return one call, with the diagnosis if it was refused. Raises RemoteError."""
        return _entry(self._remote.ask("GET", f"/requests/{request_id}"))

    def clear(self) -> None:
        """Forget them."""
        self._remote.ask("DELETE", "/requests", **self._wanted)

    def assert_called(self, *, times: int | None = None, **wanted: Unpack[Filter]) -> None:
        """Assert that there were calls like this, exactly `times` of them if it is given."""
        __tracebackhide__ = True
        calls = list(self.filter(**wanted))
        if len(calls) != times if times is not None else not calls:
            expected = "at least 1 call" if times is None else _calls(times)
            self._fail([f"expected {expected}{_words(wanted)}, there were {len(calls)}"], calls)

    def assert_not_called(self, **wanted: Unpack[Filter]) -> None:
        """Assert that there was no call like this."""
        __tracebackhide__ = True
        self.assert_called(times=0, **wanted)

    def assert_retried(
        self,
        *,
        attempts: int,
        codes: Collection[str] | None = None,
        last: str = "OK",
        min_spacing: Spacing = 0,
        max_spacing: Spacing | None = None,
        **wanted: Unpack[Filter],
    ) -> None:
        """Assert that the calls like this were the attempts of one retry.

        So many attempts in all; each but the last ended with one of `codes` (absent: with any
        error), the last with `last`. Spacing is in seconds of the mock's clock, from one
        attempt's arrival to the next one's; of several figures the first is for the first gap,
        the last for all that remain.
        """
        __tracebackhide__ = True
        calls = list(self.filter(**wanted))
        contract = RetryContract(attempts, codes, last, min_spacing, max_spacing)
        if breaches := list(contract.breaches(calls)):
            self._fail(breaches, calls)

    def _fail(self, reasons: Iterable[str], meant: Iterable[Entry]) -> None:
        __tracebackhide__ = True
        calls = list(self)
        shown = table(calls, {call.request_id for call in meant})
        raise AssertionError("\n".join([*reasons, "", shown, *self._diagnoses(calls)]))

    def _diagnoses(self, calls: Iterable[Entry]) -> Iterator[str]:
        """Yield why the last refused calls were refused, as far as the mock can tell."""
        numbered = enumerate(calls, 1)
        refused = [(at, call) for at, call in numbered if call.code.startswith("AuthFailure.")]
        for number, call in refused[-_DIAGNOSED:]:
            if diagnosis := self.get(call.request_id).diagnosis:
                yield f"\ncall {number} was refused: {diagnosis['explanation']}"
                yield from _views(diagnosis)


def _entry(told: Any) -> Entry:
    import msgspec

    from mockserver.state.journal import Entry

    return msgspec.convert(told, Entry)


def _views(diagnosis: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts that were signed, as the mock takes them and as the client made them."""
    for side, whose in (("server", "as the mock takes it"), ("client", "as the client signed it")):
        for name, text in (diagnosis[side] or {}).items():
            yield f"{name.replace('_', ' ')}, {whose}:\n{indent(text, '  ')}"


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _words(wanted: Filter) -> str:
    words = " ".join(f"{name}={value}" for name, value in wanted.items())
    return f" with {words}" if words else ""
