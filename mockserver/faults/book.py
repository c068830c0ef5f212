"""The rules in force, in order, and what they make of a call.

Rules are looked at from the first to the last. Each that is for the call and acts adds its
latency; the first whose act is final decides the answer, and those behind it are not looked at
and do not count. Everything happens in the event loop, so counts are exact under any load.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mockserver.faults.rule import Act, ActRule, ResultFault, Rule
from mockserver.gateway.call import Call
from mockserver.state.clock import ClockOf

MAX_RULES = 10_000


class UnknownRuleError(Exception):
    """There is no rule with this id."""


class TakenRuleError(Exception):
    """The id is in use, or there are too many rules."""


@dataclass
class Entry:
    """A rule with its counts: calls that it was for, and how often it acted."""

    rule: Rule
    made: float
    random: Random
    hits: int = 0
    fired: int = 0
    wanted: tuple[tuple[int, str], ...] = ()  # what `_facts` must say, by place

    def __post_init__(self) -> None:
        match = self.rule.match
        fields = (
            match.secret_id,
            match.action,
            match.version,
            match.region,
            match.project,
            match.material,
        )
        self.wanted = tuple((at, want) for at, want in enumerate(fields) if want is not None)


@dataclass
class Outcome:
    """What the rules make of a call: seconds to wait, and the acts to carry out."""

    delay: float = 0.0
    final: Act | None = None
    result: ResultFault | None = None
    rules: list[str] = field(default_factory=list)


class Book:
    """The rules, in order.

    A rule's times are compared with the time of the call; its life begins by the clock of the
    key that it is for.
    """

    def __init__(self, clock_of: ClockOf, random: Random, rules: Iterable[Rule] = ()) -> None:
        self._clock_of = clock_of
        self._random = random
        self._entries: dict[str, Entry] = {}
        for rule in rules:
            self.add(rule)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def names_pictures(self) -> bool:
        """Whether a rule is for certain pictures."""
        return any(entry.rule.match.picture for entry in self._entries.values())

    def add(self, rule: Rule) -> Entry:
        """Put a rule at the end. Raises TakenRuleError."""
        name = rule.id or f"rule-{self._random.getrandbits(48):012x}"
        if name in self._entries or len(self._entries) >= MAX_RULES:
            raise TakenRuleError(f"there is a rule {name} already, or there are too many")
        entry = self._entries[name] = self._entry(rule.model_copy(update={"id": name}))
        return entry

    def replace(self, name: str, rule: Rule) -> Entry:
        """Put a rule in another's place; its counts begin anew. Raises UnknownRuleError."""
        self.get(name)
        entry = self._entries[name] = self._entry(rule.model_copy(update={"id": name}))
        return entry

    def enable(self, name: str, enabled: bool) -> Entry:
        """Switch a rule on or off; it keeps its counts. Raises UnknownRuleError."""
        entry = self.get(name)
        entry.rule = entry.rule.model_copy(update={"enabled": enabled})
        return entry

    def remove(self, name: str) -> None:
        """Forget a rule. Raises UnknownRuleError."""
        self.get(name)
        del self._entries[name]

    def clear(self, secret_id: str | None = None) -> None:
        """Forget all rules, or those of one SecretId."""
        for name in [name for name, _ in self.items(secret_id)]:
            del self._entries[name]

    def reorder(self, names: list[str]) -> None:
        """Put the named rules first, in this order. Raises UnknownRuleError."""
        first = {name: self.get(name) for name in names}
        self._entries = {**first, **self._entries}

    def get(self, name: str) -> Entry:
        """Return a rule with its counts. Raises UnknownRuleError."""
        if name not in self._entries:
            raise UnknownRuleError(f"there is no rule {name}")
        return self._entries[name]

    def items(self, secret_id: str | None = None) -> list[tuple[str, Entry]]:
        """Return the rules in order, or those of one SecretId."""
        return [
            (name, entry)
            for name, entry in self._entries.items()
            if secret_id is None or entry.rule.match.secret_id == secret_id
        ]

    def judge(self, call: Call, *, by_picture: bool = False) -> Outcome:
        """Return what the rules make of a call.

        `by_picture` looks at those rules alone that name a picture, which is known last.
        """
        outcome, facts, now = Outcome(), _facts(call), call.clock.now()
        for name, entry in self._entries.items():
            # The cheapest first: with many rules nearly all are for other calls.
            if any(facts[at] != want for at, want in entry.wanted):
                continue
            by_its_picture = entry.rule.match.picture is not None
            if by_its_picture != by_picture or not _is_for(entry, call, now):
                continue
            act = self._act(entry)
            if act is None:
                continue
            outcome.rules.append(name)
            outcome.delay += act.delay(entry.random)
            outcome.result = outcome.result or act.result
            if act.is_final:
                outcome.final = act
                break
        return outcome

    def _entry(self, rule: Rule) -> Entry:
        seed = rule.when.seed
        random = self._random if seed is None else Random(seed)
        return Entry(rule, self._clock_of(rule.match.secret_id or "").now(), random)

    def _act(self, entry: Entry) -> Act | None:
        """Count a call that the rule is for; return what to do to it, if anything."""
        rule, when = entry.rule, entry.rule.when
        entry.hits += 1
        turn = entry.hits - when.skip - 1
        if turn < 0 or turn % when.every or (when.times is not None and entry.fired >= when.times):
            return None
        if when.probability < 1 and entry.random.random() >= when.probability:
            return None
        if isinstance(rule, ActRule):
            entry.fired += 1
            return rule.act
        if not rule.repeat and entry.fired >= len(rule.sequence):
            return None
        entry.fired += 1
        return rule.sequence[(entry.fired - 1) % len(rule.sequence)]


def _facts(call: Call) -> tuple[Any, ...]:
    """Return what most rules ask about, in the order of `Entry.wanted`."""
    return (
        call.secret_id,
        call.action,
        call.version,
        call.common.get("Region"),
        call.params.get("ProjectId"),
        call.params.get("ModelId"),
    )


def _is_for(entry: Entry, call: Call, now: float) -> bool:
    rule, when, match = entry.rule, entry.rule.when, entry.rule.match
    return (
        rule.enabled
        and (when.ttl is None or now < entry.made + when.ttl)
        and (when.after is None or now >= when.after)
        and (when.until is None or now < when.until)
        and all(call.header(name.lower()) == value for name, value in match.headers.items())
        and (match.client is None or ipaddress.ip_address(call.client) in match.client)
        and (match.picture is None or match.picture in (one.sha256 for one in call.pictures))
    )
