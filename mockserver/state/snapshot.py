"""Snapshots: what tests change, held as it was at one moment."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from mockserver.faults.book import Book, Entry
from mockserver.faults.rule import Rule
from mockserver.state.accounts import Accounts
from mockserver.state.clock import ClockOf, Clocks, MockClock
from mockserver.state.quotas import Quotas


@dataclass(frozen=True)
class ClockSetting:
    """How a clock was set: where it stood still, or how far it was ahead of the system's."""

    frozen: bool
    seconds: float

    @classmethod
    def of(cls, clock: MockClock) -> "ClockSetting":
        """Return a clock's setting."""
        return cls(clock.frozen, clock.now() - (0.0 if clock.frozen else time.time()))

    def restore(self, clock: MockClock) -> None:
        """Set a clock so again."""
        if self.frozen:
            clock.freeze()
            clock.set(self.seconds)
        else:
            clock.resume()
            clock.set(time.time() + self.seconds)


@dataclass(frozen=True)
class RuleSetting:
    """A rule with its counts, and the state of its own chance where it has one."""

    rule: Rule
    made: float
    hits: int
    fired: int
    chance: tuple[Any, ...] | None

    @classmethod
    def of(cls, entry: Entry) -> "RuleSetting":
        """Return what a rule has come to."""
        has_own = entry.rule.when.seed is not None
        chance = entry.random.getstate() if has_own else None
        return cls(entry.rule, entry.made, entry.hits, entry.fired, chance)

    def restore(self, book: Book) -> None:
        """Put the rule at the end of a book."""
        entry = book.add(self.rule)
        entry.made, entry.hits, entry.fired = self.made, self.hits, self.fired
        if self.chance is not None:
            entry.random.setstate(self.chance)


@dataclass(frozen=True)
class Snapshot:
    """Accounts and limits, rules with their counts, and the clocks."""

    accounts: Accounts
    rules: tuple[RuleSetting, ...]
    clock: ClockSetting
    own_clocks: Mapping[str, ClockSetting]

    @classmethod
    def of(cls, accounts: Accounts, book: Book, clocks: Clocks) -> "Snapshot":
        """Hold all this as it is now."""
        own = {name: ClockSetting.of(clock) for name, clock in clocks.own().items()}
        shared = ClockSetting.of(clocks.shared)
        return cls(accounts.copy(), tuple(_settings(book)), shared, own)

    async def read_quotas(self, quotas: Quotas) -> None:
        """Hold what the projects have left, where that is counted elsewhere. Raises as `left`."""
        projects = self.accounts.projects()
        for project, left in zip(projects, await quotas.left(projects), strict=True):
            project.quota = left

    def set_clocks(self, clocks: Clocks) -> None:
        """Set the clocks so again."""
        self.clock.restore(clocks.shared)
        clocks.keep(self.own_clocks)
        for name, setting in self.own_clocks.items():
            setting.restore(clocks.part(name, clocks.shared))

    def book(self, clock_of: ClockOf, random: Random) -> Book:
        """Return the rules as a book of their own."""
        book = Book(clock_of, random)
        for rule in self.rules:
            rule.restore(book)
        return book


def _settings(book: Book) -> Iterator[RuleSetting]:
    return (RuleSetting.of(entry) for _, entry in book.items())
