"""TC3-HMAC-SHA256: the published vectors, and what must not be accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.gateway.tc3 import parse_authorization, sign_request, utc_date

TIMESTAMP = 1551113065
BODY = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
HEADERS = [
    ("Content-Type", "application/json; charset=utf-8"),
    ("Host", "cvm.tencentcloudapi.com"),
]


@pytest.mark.parametrize(
    ("secret_key", "further_headers", "signature"),
    [
        (
            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
            [],
            "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
        ),
        (
            "*" * 32,
            [("X-TC-Action", "DescribeInstances")],
            "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
        ),
    ],
)
def test_published_vectors(
    secret_key: str, further_headers: list[tuple[str, str]], signature: str
) -> None:
    signed = sign_request(
        secret_id="AKIDEXAMPLE",
        secret_key=secret_key,
        service="cvm",
        timestamp=TIMESTAMP,
        headers=HEADERS + further_headers,
        payload=BODY,
    )
    assert signed.authorization.endswith(f"Signature={signature}")


def test_the_date_is_utc() -> None:
    assert utc_date(TIMESTAMP) == "2019-02-25"
    assert utc_date(86399) == "1970-01-01"
    assert utc_date(86400) == "1970-01-02"
    assert utc_date(10**18) == ""


token = st.text(st.characters(whitelist_categories=("Lu", "Ll", "Nd")), min_size=1, max_size=20)
gap = st.sampled_from(["", " ", "  ", "\t"])


@given(token, token, st.lists(token, min_size=1, max_size=5), token, gap, gap)
def test_what_is_written_is_read(
    secret_id: str, service: str, names: list[str], signature: str, before: str, after: str
) -> None:
    text = (
        f"TC3-HMAC-SHA256 {before}Credential={secret_id}/2019-02-25/{service}/tc3_request{after},"
        f"{before}SignedHeaders={';'.join(names)}{after},{before}Signature={signature}{after}"
    )
    read = parse_authorization(text)
    assert read is not None
    assert (read.secret_id, read.service) == (secret_id, service)
    assert (list(read.signed_headers), read.signature) == (names, signature)


def test_a_service_may_be_a_whole_address() -> None:
    read = parse_authorization(
        "TC3-HMAC-SHA256 Credential=A/2019-02-25/http://localhost:8670/tc3_request, "
        "SignedHeaders=content-type;host, Signature=ab"
    )
    assert read is not None
    assert read.service == "http://localhost:8670"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SKIP",
        "TC3-HMAC-SHA256",
        "TC3-HMAC-SHA1 Credential=a/b/c/d, SignedHeaders=e, Signature=f",
        "TC3-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=e",
        "TC3-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=e, Signature=f, More=g",
    ],
)
def test_other_forms_are_not_read(text: str) -> None:
    assert parse_authorization(text) is None
