"""The catalogue, walked through: what it says of each code is what happens, through the SDK."""

import re

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from mockserver.errors import Entry, Language, catalogue
from tests.live import Live
from tests.natural import OTHERS, Caller, follow

NATURAL = [entry for entry in catalogue().values() if entry.when]

# Codes common to all of Tencent Cloud's services that nothing in this product leads to, and two
# that the product documents without a cause: "unknown error" and "internal error".
INJECTED_ONLY = {
    "ActionOffline",
    "DryRunOperation",
    "FailedOperation",
    "LimitExceeded",
    "NoSuchProduct",
    "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
    "ResourceInUse",
    "ResourceInsufficient",
    "ResourceNotFound",
    "ResourceUnavailable",
    "ResponseSizeLimitExceeded",
    "ServiceUnavailable",
    "UnauthorizedOperation",
    "UnsupportedOperation",
    "FailedOperation.Unknown",
    "FailedOperation.UnKnowError",
}


def test_no_other_code_is_injected_only() -> None:
    assert {entry.code for entry in catalogue().values() if not entry.when} == INJECTED_ONLY


def test_nothing_is_produced_for_a_code_without_a_cause() -> None:
    assert OTHERS.keys() <= {entry.code for entry in NATURAL}


@pytest.mark.parametrize("entry", NATURAL, ids=lambda entry: entry.code)
def test_its_cause_produces_it(live: Live, entry: Entry) -> None:
    for language in ("zh-CN", "en-US"):
        with pytest.raises(TencentCloudSDKException) as raised:
            follow(entry, Caller(live, language))
        assert raised.value.get_code() == entry.code
        assert is_said(entry, language, raised.value.get_message())
        live.world.clock.advance(1)  # rates begin anew


def is_said(entry: Entry, language: Language, message: str) -> bool:
    """Tell whether a message is one of the code's texts in this language."""
    short = "zh" if language == "zh-CN" else "en"
    main = entry.zh if short == "zh" else entry.en
    texts = [main, *(text[short] for text in entry.texts.values())]
    patterns = [re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in texts]
    return any(re.fullmatch(pattern, message) for pattern in patterns)
