"""The catalogue against the official SDK's list."""

import re

from tencentcloud.facefusion.v20181201 import errorcodes

from mockserver.errors import ApiError, catalogue

DOCUMENTED = {
    value for name, value in vars(errorcodes).items() if name.isupper() and isinstance(value, str)
}


def test_every_code_of_the_sdk_is_in_the_catalogue() -> None:
    assert len(DOCUMENTED) > 40
    assert set(catalogue()) >= DOCUMENTED


def test_every_code_has_both_languages() -> None:
    for entry in catalogue().values():
        assert re.search(r"[\u4e00-\u9fff]|IP", entry.zh), entry.code
        assert entry.en.isascii(), entry.code
        assert bool(entry.when) == bool(entry.when_zh), entry.code


def test_a_further_text_has_the_same_placeholders_in_both_languages() -> None:
    for entry in catalogue().values():
        for text in ({"zh": entry.zh, "en": entry.en}, *entry.texts.values()):
            english, chinese = (set(re.findall(r"{(\w+)}", text[k])) for k in ("en", "zh"))
            assert english == chinese, entry.code


def test_values_are_filled_in() -> None:
    error = ApiError("MissingParameter", name="Image")
    assert error.message("en-US") == "The request is missing a required parameter `Image`."
    assert error.message("zh-CN") == "请求缺少必传参数 `Image`"


def test_an_error_without_values_shows_their_names() -> None:
    assert "`name`" in ApiError("MissingParameter").message("en-US")
