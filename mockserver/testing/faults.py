"""Fault rules as a test writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypedDict

if TYPE_CHECKING:
    from mockserver.faults.rule import AnswerFault, NetworkFault, ResultFault
    from mockserver.remote import Remote


class Uniform(TypedDict):
    """Seconds, evenly spread."""

    min: float
    max: float


class Lognormal(TypedDict):
    """Seconds with a long tail."""

    median: float
    sigma: float


class Deeds(TypedDict, total=False):
    """What happens to a call, beside an error."""

    message: str
    latency: float | Uniform | Lognormal
    network: NetworkFault
    bandwidth: int
    cut: float
    answer: AnswerFault
    result: ResultFault


class Act(Deeds, total=False):
    """What happens to a call."""

    error: str


class Match(TypedDict, total=False):
    """Which calls; what is left out admits all."""

    action: str
    version: str
    region: str
    project: str
    material: str
    secret_id: str
    picture: str
    client: str
    headers: dict[str, str]


class When(TypedDict, total=False):
    """When it acts on the calls that it is for."""

    skip: int
    every: int
    times: int
    probability: float
    seed: int
    after: float
    until: float
    ttl: float


class Options(Deeds, Match, When, total=False):
    """The fields of a rule beside its error, all in one."""


Step = str | Act | None  # a code, what happens, or nothing


@dataclass(frozen=True)
class Fault:
    """A fault rule in force; leaving its `with` block ends it."""

    id: str
    _remote: Remote = field(repr=False)

    @property
    def hits(self) -> int:
        """How many calls it was for. Raises RemoteError when it is no more."""
        return int(self._remote.ask("GET", self._path)["hits"])

    @property
    def fired(self) -> int:
        """How often it acted. Raises RemoteError when it is no more."""
        return int(self._remote.ask("GET", self._path)["fired"])

    def disable(self) -> None:
        """Keep it out of force until `enable`."""
        self._remote.ask("PATCH", self._path, {"enabled": False})

    def enable(self) -> None:
        """Put it into force again; its counts stay."""
        self._remote.ask("PATCH", self._path, {"enabled": True})

    def remove(self) -> None:
        """End it; nothing happens when it is no more."""
        self._remote.discard(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    @property
    def _path(self) -> str:
        return f"/faults/{self.id}"


def add_fault(remote: Remote, rule: Mapping[str, Any]) -> Fault:
    """Put a rule at the end of the server's. Raises RemoteError."""
    return Fault(remote.ask("POST", "/faults", rule)["rule"]["id"], remote)


def rule_body(
    error: str | None, sequence: Iterable[Step] | None, options: Options, secret_id: str | None
) -> dict[str, Any]:
    """Return a rule as JSON, for one SecretId's calls alone if it is given.

    Raises TypeError for an option that no rule has.
    """
    known = Options.__optional_keys__
    if unknown := options.keys() - known:
        raise TypeError(
            f"a fault has no {', '.join(unknown)}; there are: {', '.join(sorted(known))}"
        )
    act = {**_fields(Deeds, options), **({"error": error} if error else {})}
    match = {**({"secret_id": secret_id} if secret_id else {}), **_fields(Match, options)}
    rule: dict[str, Any] = {"match": match, "when": _fields(When, options)}
    if sequence is not None:
        rule["sequence"] = [{"error": one} if isinstance(one, str) else one for one in sequence]
    if act or sequence is None:
        rule["act"] = act
    return rule


def _fields(part: Any, options: Options) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in part.__optional_keys__}
