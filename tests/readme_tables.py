"""The documents' tables, written from the error catalogue, the settings and the diagnoses.

`scripts/readme-tables` rewrites them; test_docs.py fails when they differ.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from mockserver.errors import Entry, catalogue
from mockserver.gateway.diagnose import advice
from tests.settings_tables import GROUPS, Tongue, group_rows, setting_rows

ROOT = Path(__file__).parents[1]
READMES: dict[Path, Tongue] = {ROOT / "README.md": "en", ROOT / "README.zh-CN.md": "zh"}
PAGES: dict[Path, Tongue] = READMES | {
    page: "zh" if page.name.endswith(".zh-CN.md") else "en"
    for page in sorted((ROOT / "docs").glob("*.md"))
}

_HEADS: dict[str, dict[Tongue, tuple[str, ...]]] = {
    "errors": {
        "en": ("Code", "Message", "Produced by", "Recipe"),
        "zh": ("错误码", "错误信息", "触发条件", "复现方法"),
    },
    "settings": {
        "en": ("Variable", "Default", "Meaning"),
        "zh": ("环境变量", "默认值", "含义"),
    },
    "mistakes": {"en": ("Name", "Mistake"), "zh": ("名称", "错误")},
    "group": {
        "en": ("Variable, option of `serve`", "Value", "Default", "Meaning"),
        "zh": ("环境变量、`serve` 的选项", "取值", "默认值", "含义"),
    },
}
_TABLE = re.compile(r"<!-- (?P<name>[a-z-]+):begin -->\n.*?<!-- (?P=name):end -->", re.DOTALL)

# Recipes stand in English in the code; what is not here is shown in English.
_RECIPES_ZH = {
    "neither Image nor Url": "Image 和 Url 都不传",
    "a JPG of over 3.75 MiB": "大于 3.75 MiB 的 JPG",
    "a body of 8 to 10 MiB": "8 到 10 MiB 的请求包",
    "a MetaKey of 33 characters": "33 个字符的 MetaKey",
    "two calls in one second, ProjectId=100647": "一秒内两次调用，ProjectId=100647",
    "a results folder on a read-only disk": "结果目录位于只读磁盘",
    "stop the Valkey of a running server": "停掉运行中服务器所用的 Valkey",
    "FuseFace with errors/no_face_landscape.jpg": "FuseFace，图片 errors/no_face_landscape.jpg",
    "FuseFace with a rectangle of 29x200": "FuseFace，人脸框 29x200",
    "FuseFace with a rectangle beyond the picture": "FuseFace，人脸框超出图片",
    "FuseFace with TemplateFaceID=100646_9_9": "FuseFace，TemplateFaceID=100646_9_9",
}


def rewrite(text: str, tongue: Tongue) -> str:
    """Return a document's text with its tables up to date; each stands between two marks."""
    tables: dict[str, list[tuple[str, ...]]] = {
        "errors": error_rows(tongue),
        "settings": setting_rows(tongue),
        "mistakes": [(f"`{name}`", said[tongue]) for name, said in advice().items()],
    }
    tables |= {f"settings-{group}": group_rows(group, tongue) for group in GROUPS}

    def renewed(old: re.Match[str]) -> str:
        name = old["name"]
        head = _HEADS.get(name, _HEADS["group"])[tongue]
        return f"<!-- {name}:begin -->\n{_table(head, tables[name])}<!-- {name}:end -->"

    return _TABLE.sub(renewed, text)


def error_rows(tongue: Tongue) -> list[tuple[str, ...]]:
    """Return a row a code of the catalogue."""
    return [
        (f"`{entry.code}`", entry.zh if tongue == "zh" else entry.en, *_ways(entry, tongue))
        for entry in catalogue().values()
    ]


def _ways(entry: Entry, tongue: Tongue) -> tuple[str, str]:
    """Return what produces a code and a recipe; a dash while no call can provoke it."""
    if not entry.when or f'"{entry.code}"' not in _source():
        return "—", ""
    if tongue == "en":
        return entry.when, entry.recipe
    return entry.when_zh, _RECIPES_ZH.get(entry.recipe, entry.recipe)


@cache
def _source() -> str:
    return "\n".join(file.read_text("utf-8") for file in (ROOT / "mockserver").rglob("*.py"))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(_line(cells) for cells in (head, ("---",) * len(head), *rows))


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def main() -> None:
    """Rewrite every table."""
    for file, tongue in PAGES.items():
        file.write_text(rewrite(file.read_text("utf-8"), tongue), "utf-8")


if __name__ == "__main__":
    main()
