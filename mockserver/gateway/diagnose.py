"""Why a signature differs: the server's view beside the client's, and the likely cause.

The known mistakes are made one by one, then two at a time, until the client's signature comes
out: a cause found so is proven. Secrets appear in none of it.
"""

import base64
import binascii
import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from mockserver.gateway.attempt import Attempt
from mockserver.gateway.mistakes import VARIANTS, Facts

_MAX_TRIES = 6000
_HEX = re.compile(r"[0-9a-f]{64}")

# With so many variants each, these are not tried together with another mistake.
_ALONE = {"milliseconds", "timestamp", "header-order", "query", "body-serialised-again"}


@dataclass(frozen=True)
class View:
    """The two texts that lead to a signature."""

    canonical_request: str
    string_to_sign: str


@dataclass(frozen=True)
class Diagnosis:
    """What a refused signature suffers from.

    `causes` are names in mistakes.toml; `proven` says that making these mistakes gives the
    client's very signature, and only then its texts, `client`, are known.
    """

    causes: tuple[str, ...]
    proven: bool
    server: View | None = None
    client: View | None = None

    @property
    def explanation(self) -> str:
        """What to do, in English."""
        return "; ".join(advice()[cause]["en"] for cause in self.causes)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "causes": list(self.causes),
            "explanation": self.explanation,
            "explanation_zh": "；".join(advice()[cause]["zh"] for cause in self.causes),
            "proven": self.proven,
            "server": vars(self.server) if self.server else None,
            "client": vars(self.client) if self.client else None,
        }


@cache
def advice() -> Mapping[str, Mapping[str, str]]:
    """Return what to do about each mistake, by its name, in `en` and `zh`."""
    text = resources.files("mockserver.gateway").joinpath("mistakes.toml").read_text("utf-8")
    return {row["name"]: row for row in tomllib.loads(text)["mistake"]}


def diagnose(right: Attempt, signature: str, facts: Facts) -> Diagnosis:
    """Find out what makes a client's signature differ from that of the `right` attempt."""
    wanted, form = _normal(signature)
    found = _search(right, wanted, facts) if wanted else None
    forms = (form,) if form else ()
    if found is None:
        return Diagnosis(forms or ("unknown",), proven=False, server=_view(right))
    attempt, mistakes = found
    return Diagnosis((*forms, *mistakes), True, _view(right), _view(attempt))


def _view(attempt: Attempt) -> View:
    return View(attempt.canonical_request(shown=True), attempt.string_to_sign())


def _normal(signature: str) -> tuple[str, str]:
    """Return the signature as lower-case hex (empty: none) and what is wrong with its form."""
    if _HEX.fullmatch(signature):
        return signature, ""
    if _HEX.fullmatch(signature.lower()):
        return signature.lower(), "upper-case-signature"
    try:
        decoded = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return "", "not-a-signature"
    return (decoded.hex(), "base64-signature") if len(decoded) == 32 else ("", "not-a-signature")


def _search(right: Attempt, wanted: str, facts: Facts) -> tuple[Attempt, tuple[str, ...]] | None:
    for attempt, mistakes in itertools.islice(_attempts(right, facts), _MAX_TRIES):
        if attempt.signature() == wanted:
            return attempt, mistakes
    return None


def _attempts(right: Attempt, facts: Facts) -> Iterator[tuple[Attempt, tuple[str, ...]]]:
    """Yield the right attempt, those with one mistake, those with two."""
    yield right, ()
    for name, variants in VARIANTS.items():
        for attempt in variants(right, facts):
            yield attempt, (name,)
    few = [name for name in VARIANTS if name not in _ALONE]
    for one, other in itertools.combinations(few, 2):
        for attempt in VARIANTS[one](right, facts):
            for both in VARIANTS[other](attempt, facts):
                yield both, (one, other)
