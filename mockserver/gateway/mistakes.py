"""The known mistakes in signing: what a client that makes one would have signed instead."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import parse_qsl, quote, urlencode

from mockserver.gateway import payloads
from mockserver.gateway.attempt import Attempt
from mockserver.gateway.tc3 import TERMINATOR, UNSIGNED_PAYLOAD, payload_hash, utc_date

_MAX_RAW_BODY = 64 * 1024  # a larger one is not tried unhashed
_MAX_SHIFT = 30  # seconds
_MAX_KEYS = 500
_MAX_PAIRS = 200


@dataclass(frozen=True)
class Facts:
    """What is known of the request beside what was signed.

    `signed_names` is the list of signed headers as Authorization writes it, `unsigned` what other
    headers a client might sign.
    """

    hosts: tuple[str, ...]
    services: tuple[str, ...]
    body: bytes
    other_keys: tuple[str, ...] = ()
    secret_id: str = ""
    signed_names: tuple[str, ...] = ()
    unsigned: tuple[tuple[str, str], ...] = ()

    @cached_property
    def serialised_again(self) -> tuple[str, ...]:
        """Hashes of the body's JSON written in other forms."""
        return tuple(dict.fromkeys(payloads.serialised_again(self.body)))

    @cached_property
    def encoded_again(self) -> tuple[str, ...]:
        """Hashes of the body's text in other bytes."""
        forms = dict.fromkeys(payloads.encoded_again(self.body))
        return tuple(digest for digest in forms if digest != self.body_hash)

    @cached_property
    def body_hash(self) -> str:
        """The hash of the body as sent."""
        return payload_hash(self.body)


Variants = Callable[[Attempt, Facts], Iterator[Attempt]]


def _hosts(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for host in facts.hosts:
        yield right.with_header("host", host)


def _content_types(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    sent = next((value for name, value in right.headers if name.lower() == "content-type"), "")
    bare = sent.partition(";")[0].strip()
    charsets = ("", "; charset=utf-8", ";charset=utf-8", "; charset=UTF-8")
    kinds = (bare, "application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    for kind, charset in itertools.product(dict.fromkeys(kinds), charsets):
        yield right.with_header("content-type", kind + charset)


def _other_header_values(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for name, value in right.headers:
        if name.lower() not in ("host", "content-type"):
            for other in (value.lower(), value.upper(), ""):
                yield right.with_header(name.lower(), other)


def _header_cases(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    """Write the headers' names as Authorization does, and in capitals: in lines, list, or both."""
    titles = tuple(name.title() for name, _ in right.headers)
    for names in dict.fromkeys((titles, facts.signed_names)):
        if len(names) == len(right.headers):
            lines = tuple((n, value) for n, (_, value) in zip(names, right.headers, strict=True))
            yield right.but(headers=lines)
            yield right.but(headers=lines, names=right.listed)
            yield right.but(names=";".join(names))


def _header_sets(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    """Sign one header less or more than Authorization names; alone, or in the list as well."""
    few = right.headers[:8]
    sets = [tuple(pair for pair in right.headers if pair != dropped) for dropped in few]
    for name, value in facts.unsigned:
        sets += [tuple(sorted((*right.headers, (name, v)))) for v in {value, value.lower()}]
    for headers in sets:
        yield right.but(headers=headers)
        yield right.but(headers=headers, names=right.listed)


def _orders(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    """Put the headers in other orders, up to five of them; in the lines, in the list, or both."""
    orders = {(*order, *right.headers[5:]) for order in itertools.permutations(right.headers[:5])}
    for headers in (*sorted(orders), tuple(sorted(right.headers))):
        other = right.but(headers=headers)
        yield other
        yield other.but(names=right.listed)
        yield right.but(names=other.listed)


def _bodies_written_again(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for digest in facts.serialised_again:
        yield right.but(hashed_payload=digest)


def _bodies_encoded_again(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for digest in facts.encoded_again:
        yield right.but(hashed_payload=digest)


def _empty_payloads(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for payload in (b"", b"{}", b"null"):
        yield right.but(hashed_payload=payload_hash(payload))
    yield right.but(hashed_payload="")


def _unsigned_payloads(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(hashed_payload=payload_hash(UNSIGNED_PAYLOAD.encode()))
    yield right.but(hashed_payload=UNSIGNED_PAYLOAD)
    yield right.but(hashed_payload=facts.body_hash)


def _raw_payloads(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    if len(facts.body) <= _MAX_RAW_BODY:
        yield right.but(hashed_payload=facts.body.decode("utf-8", "replace"))


def _services(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for service in facts.services:
        yield right.but(service=service)  # in scope and key
        yield right.but(service=service, scope=right.signed_scope)  # in the key alone


def _dates(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    day = datetime.fromtimestamp(min(int(right.timestamp), 10**11), UTC)
    shifted = [(day + timedelta(days=n)).strftime("%Y-%m-%d") for n in (0, 1, -1)]
    for date in (*shifted, day.strftime("%Y%m%d"), day.strftime("%Y/%m/%d")):
        yield right.but(date=date)
        yield right.but(date=date, scope=right.signed_scope)


def _milliseconds(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    timestamp = int(right.timestamp)
    yield right.but(timestamp=str(timestamp // 1000))
    for milliseconds in range(1000):
        yield right.but(timestamp=f"{timestamp}{milliseconds:03}")


def _moments(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for seconds in range(1, _MAX_SHIFT + 1):
        for sign in (-1, 1):
            moment = int(right.timestamp) + sign * seconds
            yield right.but(timestamp=str(moment), date=utc_date(moment) or right.date)
    for hours in range(-12, 15):
        if hours:
            yield right.but(timestamp=str(int(right.timestamp) + 3600 * hours))


def _prefixes(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for prefix in ("", "tc3", "TC3-", "TC3_", "AWS4", "TC3-HMAC-SHA256"):
        yield right.but(key_prefix=prefix)


def _spaced_keys(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    ends = ("\n", " ", "\r\n", "\t", "\r")
    around = [pair for end in ends for pair in ((end, ""), (end, end))]
    after_it = [("", end) for end in ends]
    for before, after in (*after_it, ('"', '"'), *around, ("'", "'"), ("\ufeff", "")):
        yield right.but(secret_key=f"{before}{right.secret_key}{after}")
    yield right.but(secret_key="")


def _other_keys(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for key in facts.other_keys[:_MAX_KEYS]:
        yield right.but(secret_key=key)


def _upper_case_hashes(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(hashed_payload=right.hashed_payload.upper())
    yield right.but(canonical_hash="upper")
    yield right.but(hashed_payload=right.hashed_payload.upper(), canonical_hash="upper")


def _queries(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    if not right.query or right.query.count("&") > _MAX_PAIRS:
        return
    pairs = parse_qsl(right.query, keep_blank_values=True)
    for ordered in (pairs, sorted(pairs)):
        yield right.but(query=urlencode(ordered))
        yield right.but(query=urlencode(ordered, quote_via=quote))
        yield right.but(query=urlencode(ordered, quote_via=quote, safe="*!()'~"))
        yield right.but(query="&".join(f"{name}={value}" for name, value in ordered))
    yield right.but(query="&".join(sorted(right.query.split("&"))))
    yield right.but(query=quote(right.query, safe="=&"))
    yield right.but(query="")
    yield right.but(query=f"?{right.query}")


def _uris(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for uri in ("", "//", "/index.html", "/index.php", "/v2/index.php", "/?"):
        yield right.but(uri=uri)


def _methods(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for method in ("GET", "POST", right.method.lower(), ""):
        yield right.but(method=method)


def _layouts(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(blank_line=False)
    for newline in ("\r\n", "\\n", ""):
        yield right.but(newline=newline)
    yield right.but(colon=": ")
    yield right.but(canonical_end="\n")
    yield right.but(string_end="\n")


def _hex_chains(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(chain="hex")
    yield right.but(chain="last-hex")


def _swapped_arguments(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(chain="swapped")


def _underived_keys(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(chain="none")


def _unhashed(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(canonical_hash="none")


def _scopes(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    """Put another scope into the string to sign than Authorization names."""
    yield right.but(scope=f"{facts.secret_id}/{right.signed_scope}")
    yield right.but(scope=f"{right.date}/{right.service}")
    yield right.but(scope=right.date)
    for service in facts.services:
        yield right.but(scope=f"{right.date}/{service}/{right.terminator}")


def _terminators(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for terminator in (TERMINATOR, "aws4_request", "tc3", "TC3_REQUEST", ""):
        yield right.but(terminator=terminator)
        yield right.but(terminator=terminator, scope=right.signed_scope)


# The likelier first; of two that hash the same, the narrower first.
VARIANTS: Mapping[str, Variants] = {
    "host": _hosts,
    "content-type": _content_types,
    "payload-unsigned": _unsigned_payloads,
    "body-encoded-again": _bodies_encoded_again,
    "payload-empty": _empty_payloads,
    "body-serialised-again": _bodies_written_again,
    "payload-not-hashed": _raw_payloads,
    "key-prefix": _prefixes,
    "key-spaces": _spaced_keys,
    "key-chain-hex": _hex_chains,
    "hmac-arguments": _swapped_arguments,
    "key-not-derived": _underived_keys,
    "upper-case-hash": _upper_case_hashes,
    "canonical-not-hashed": _unhashed,
    "service": _services,
    "date": _dates,
    "terminator": _terminators,
    "scope-in-string": _scopes,
    "method": _methods,
    "layout": _layouts,
    "uri": _uris,
    "header-value": _other_header_values,
    "header-case": _header_cases,
    "header-order": _orders,
    "header-set": _header_sets,
    "query": _queries,
    "another-key": _other_keys,
    "timestamp": _moments,
    "milliseconds": _milliseconds,
}
