"""`errors`: the catalogue as text."""

from mockserver.errors import MAGIC_MATERIAL, catalogue


def list_codes(chinese: bool) -> str:
    """Return a line a code: code and message."""
    width = max(len(code) for code in catalogue())
    return "\n".join(
        f"{entry.code:{width}}  {entry.zh if chinese else entry.en}"
        for entry in catalogue().values()
    )


def describe(code: str) -> str | None:
    """Return all that is known of a code, or None when it is not in the catalogue."""
    entry = catalogue().get(code)
    if entry is None:
        return None
    texts = [("", {"zh": entry.zh, "en": entry.en}), *entry.texts.items()]
    rows = [("code", entry.code), ("versions", ", ".join(entry.versions) or "every version")]
    for _, text in texts:
        rows += [("zh-CN", text["zh"]), ("en-US", text["en"])]
    rows += [
        ("produced by", entry.when or "nothing natural"),
        ("", entry.when_zh),
        ("recipe", entry.recipe),
        ("inject", f"ModelId={MAGIC_MATERIAL}{entry.code}"),
    ]
    return "\n".join(f"{name:12} {value}" for name, value in rows if value)
