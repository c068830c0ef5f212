"""The known mistakes in signing: what a client that makes one would have signed instead."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from mockserver.gateway.attempt import Attempt
from mockserver.gateway.tc3 import UNSIGNED_PAYLOAD, payload_hash, utc_date

_MAX_BODY = 256 * 1024  # a larger one is not serialised again
_MAX_SHIFT = 30  # seconds


@dataclass(frozen=True)
class Facts:
    """What is known of the request beside what was signed: hosts to try, body, other keys."""

    hosts: tuple[str, ...]
    services: tuple[str, ...]
    body: bytes
    other_keys: tuple[str, ...] = ()


Variants = Callable[[Attempt, Facts], Iterator[Attempt]]


def _hosts(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for host in facts.hosts:
        yield right.with_header("host", host)


def _content_types(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    sent = next((value for name, value in right.headers if name.lower() == "content-type"), "")
    bare = sent.partition(";")[0].strip()
    charsets = ("", "; charset=utf-8", ";charset=utf-8", "; charset=UTF-8")
    kinds = (bare, "application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    for kind, charset in itertools.product(kinds, charsets):
        yield right.with_header("content-type", kind + charset)


def _other_header_values(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for name, value in right.headers:
        if name.lower() not in ("host", "content-type"):
            for other in (value.lower(), value.upper(), ""):
                yield right.with_header(name.lower(), other)


def _json_forms(value: Any) -> Iterator[str]:
    """Yield the ways in which JSON libraries write the same value."""
    spaces = ((",", ":"), (", ", ": "), (",", ": "))
    for separators, ascii_only, ordered in itertools.product(spaces, (False, True), (False, True)):
        text = json.dumps(value, separators=separators, ensure_ascii=ascii_only, sort_keys=ordered)
        yield text
        yield text.replace("/", "\\/")
        yield text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    for indent in (2, 4, "\t"):
        yield json.dumps(value, indent=indent, ensure_ascii=False)


def _bodies_written_again(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    if not facts.body or len(facts.body) > _MAX_BODY:
        return
    try:
        value = json.loads(facts.body)
    except (ValueError, RecursionError):
        return
    for text in dict.fromkeys(_json_forms(value)):
        yield right.but(hashed_payload=payload_hash(text.encode("utf-8", "surrogatepass")))


def _bodies_encoded_again(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    body = facts.body
    if len(body) > _MAX_BODY:
        return
    forms = [body + b"\n", body + b"\r\n", body.rstrip(), body.strip(), b"\xef\xbb\xbf" + body]
    forms += [body.removeprefix(b"\xef\xbb\xbf"), body.replace(b"\n", b"\r\n")]
    forms += [body.replace(b"\r\n", b"\n"), quote(body).encode(), unquote(body).encode()]
    for source, target in (("utf-8", "gbk"), ("utf-8", "utf-16"), ("utf-8", "utf-16-le")):
        try:
            forms.append(body.decode(source).encode(target))
        except UnicodeError:
            continue
    for form in forms:
        yield right.but(hashed_payload=payload_hash(form))


def _empty_payloads(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for payload in (b"", b"{}", b"null"):
        yield right.but(hashed_payload=payload_hash(payload))
    yield right.but(hashed_payload="")


def _unsigned_payloads(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(hashed_payload=payload_hash(UNSIGNED_PAYLOAD.encode()))
    yield right.but(hashed_payload=UNSIGNED_PAYLOAD)
    yield right.but(hashed_payload=payload_hash(facts.body))


def _raw_payloads(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    if len(facts.body) <= _MAX_BODY:
        yield right.but(hashed_payload=facts.body.decode("utf-8", "replace"))


def _services(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for service in facts.services:
        yield right.but(service=service)  # in scope and key
        yield right.but(service=service, scope=_scope(right))  # in the key alone


def _scope(right: Attempt) -> str:
    return right.scope or f"{right.date}/{right.service}/{right.terminator}"


def _dates(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    day = datetime.fromtimestamp(min(int(right.timestamp), 10**11), UTC)
    for shift in (timedelta(days=1), timedelta(days=-1)):
        date = (day + shift).strftime("%Y-%m-%d")
        yield right.but(date=date)
        yield right.but(date=date, scope=_scope(right))
    for form in ("%Y%m%d", "%Y/%m/%d"):
        yield right.but(date=day.strftime(form))
        yield right.but(date=day.strftime(form), scope=_scope(right))


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
    for prefix in ("", "tc3", "TC3-", "TC3_", "AWS4"):
        yield right.but(key_prefix=prefix)


def _spaced_keys(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for before, after in (("", " "), (" ", ""), (" ", " "), ("", "\n"), ("", "\r\n"), ('"', '"')):
        yield right.but(secret_key=f"{before}{right.secret_key}{after}")
    yield right.but(secret_key="")


def _other_keys(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for key in facts.other_keys:
        yield right.but(secret_key=key)


def _upper_case_hashes(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(hashed_payload=right.hashed_payload.upper())
    yield right.but(canonical_hash="upper")
    yield right.but(hashed_payload=right.hashed_payload.upper(), canonical_hash="upper")


def _orders(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    """Try the headers in other orders than that of SignedHeaders, up to five of them."""
    for order in itertools.permutations(right.headers[:5]):
        yield right.but(headers=(*order, *right.headers[5:]))
    yield right.but(headers=tuple(sorted(right.headers)))


def _queries(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    pairs = parse_qsl(right.query, keep_blank_values=True, max_num_fields=1000)
    for ordered in (pairs, sorted(pairs)):
        yield right.but(query=urlencode(ordered))
        yield right.but(query=urlencode(ordered, quote_via=quote))
        yield right.but(query=urlencode(ordered, quote_via=quote, safe="*!()'~"))
        yield right.but(query="&".join(f"{name}={value}" for name, value in ordered))
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
    yield right.but(newline="\r\n")
    yield right.but(newline="\\n")
    yield right.but(newline="")


def _hex_chains(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(chain="hex")


def _unhashed(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    yield right.but(canonical_hash="none")


def _terminators(right: Attempt, facts: Facts) -> Iterator[Attempt]:
    for terminator in ("aws4_request", "tc3", "TC3_REQUEST", ""):
        yield right.but(terminator=terminator)
        yield right.but(terminator=terminator, scope=_scope(right))


# The likelier first.
VARIANTS: Mapping[str, Variants] = {
    "host": _hosts,
    "content-type": _content_types,
    "body-serialised-again": _bodies_written_again,
    "body-encoded-again": _bodies_encoded_again,
    "payload-empty": _empty_payloads,
    "payload-unsigned": _unsigned_payloads,
    "payload-not-hashed": _raw_payloads,
    "service": _services,
    "date": _dates,
    "key-prefix": _prefixes,
    "key-spaces": _spaced_keys,
    "another-key": _other_keys,
    "upper-case-hash": _upper_case_hashes,
    "header-order": _orders,
    "header-value": _other_header_values,
    "query": _queries,
    "uri": _uris,
    "method": _methods,
    "layout": _layouts,
    "key-chain-hex": _hex_chains,
    "canonical-not-hashed": _unhashed,
    "terminator": _terminators,
    "timestamp": _moments,
    "milliseconds": _milliseconds,
}
