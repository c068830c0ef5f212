"""The error catalogue: every code that the mock can answer with, read from errors.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["zh-CN", "en-US"]

MAGIC_MATERIAL = "mock-error:"  # with a code behind it, a ModelId that injects the code


class ApiError(Exception):
    """An error that the API documents; one handler at the edge turns it into the answer.

    `text` names one of the code's further texts (errors.toml, `texts`), `override` takes the place
    of them all; `values` fill the text's placeholders.
    """

    def __init__(
        self, code: str, *, text: str = "", override: str | None = None, **values: object
    ) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.override = override
        self.values = values

    def message(self, language: Language) -> str:
        """Return the catalogue's text for this error with its placeholders filled."""
        if self.override is not None:
            return self.override
        return catalogue()[self.code].message(language, self.text, self.values)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One code of the catalogue.

    `versions` lists the API versions that document it (empty: common to all); `when` says what
    produces it naturally here, `recipe` names a file or value that does.
    """

    code: str
    zh: str
    en: str
    versions: tuple[str, ...] = ()
    when: str = ""
    when_zh: str = ""
    recipe: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def message(self, language: Language, text: str, values: Mapping[str, object]) -> str:
        """Return the message; a placeholder without a value stays as it is written."""
        chosen = self.texts[text] if text else {"zh": self.zh, "en": self.en}
        template = chosen["zh" if language == "zh-CN" else "en"]
        return template.format_map(_Values(values))


class _Values(dict[str, object]):
    """Values for str.format_map; an absent one (an injected error has none) shows its name."""

    def __missing__(self, name: str) -> str:
        return name


@cache
def catalogue() -> Mapping[str, Entry]:
    """Return every entry by its code, in the file's order."""
    text = resources.files("mockserver").joinpath("errors.toml").read_text("utf-8")
    entries = [Entry(**row) for row in tomllib.loads(text)["error"]]
    return {entry.code: entry for entry in entries}
