"""Why a signature differs: the server's view beside the client's, and the likely cause.

The known mistakes are made one by one, then two at a time, until the client's signature comes
out: a cause found so is proven. Secrets appear in none of it.
"""

import base64
import binascii
import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from mockserver.gateway.attempt import Attempt
from mockserver.gateway.mistakes import VARIANTS, Facts

_MAX_TRIES = 8000
_PAIRED = 6  # variants of a mistake, the likeliest, that are tried together with another one
_HEX = re.compile(r"[0-9a-f]{64}")

# With so many variants each, or so rare, these are not tried together with another mistake.
_ALONE = {
    "another-key",
    "header-case",
    "header-order",
    "header-set",
    "milliseconds",
    "payload-not-hashed",
    "query",
    "timestamp",
    "uri",
}


@dataclass(frozen=True)
class View:
    """The two texts that lead to a signature."""

    canonical_request: str
    string_to_sign: str


@dataclass(frozen=True)
class _Found:
    """The right attempt, the one that was made, and the mistakes between them."""

    right: Attempt
    made: Attempt
    mistakes: tuple[str, ...]


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


def diagnose(forms: Sequence[Attempt], signature: str, facts: Facts) -> Diagnosis:
    """Find out what makes a client's signature differ from those of the right attempts.

    `forms` are all that the server takes, the likeliest first.
    """
    wanted, form = _normal(signature)
    found = _search(forms, wanted, facts) if wanted else None
    named = (form,) if form else ()
    if found is None:
        return Diagnosis(named or ("unknown",), proven=False, server=view(forms[0]))
    return Diagnosis((*named, *found.mistakes), True, view(found.right), view(found.made))


def view(attempt: Attempt) -> View:
    """Return an attempt's texts, without secrets and pictures."""
    return View(attempt.canonical_request(shown=True), attempt.string_to_sign(shown=True))


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
    if re.fullmatch(rb"[0-9a-f]{64}", decoded):
        return decoded.decode(), "base64-signature"
    return (decoded.hex(), "base64-signature") if len(decoded) == 32 else ("", "not-a-signature")


def _search(forms: Sequence[Attempt], wanted: str, facts: Facts) -> _Found | None:
    for found in itertools.islice(_attempts(forms, facts), _MAX_TRIES):
        if found.made.signature() == wanted:
            return found
    return None


def _attempts(forms: Sequence[Attempt], facts: Facts) -> Iterator[_Found]:
    """Yield the right attempts, those with one mistake, those with two."""
    for right in forms:
        yield _Found(right, right, ())
    for right in forms:
        for name, variants in VARIANTS.items():
            if name not in _ALONE or right is forms[0]:
                yield from (_Found(right, made, (name,)) for made in variants(right, facts))
    few = [name for name in VARIANTS if name not in _ALONE]
    for one, other in itertools.combinations(few, 2):
        yield from _pairs(forms[0], facts, one, other)


def _pairs(right: Attempt, facts: Facts, one: str, other: str) -> Iterator[_Found]:
    for first in itertools.islice(VARIANTS[one](right, facts), _PAIRED):
        if first != right:
            for made in itertools.islice(VARIANTS[other](first, facts), _PAIRED):
                yield _Found(right, made, (one, other))
