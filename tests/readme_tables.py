"""The READMEs' tables, written from the error catalogue and the settings.

`scripts/readme-tables` rewrites them; test_readme.py fails when they differ.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mockserver.errors import Entry, catalogue
from mockserver.settings import Settings

Tongue = Literal["en", "zh"]

ROOT = Path(__file__).parents[1]
READMES: dict[Path, Tongue] = {ROOT / "README.md": "en", ROOT / "README.zh-CN.md": "zh"}

_HEADS: dict[str, dict[Tongue, tuple[str, ...]]] = {
    "errors": {
        "en": ("Code", "Message", "Produced by", "Recipe"),
        "zh": ("错误码", "错误信息", "触发条件", "复现方法"),
    },
    "settings": {
        "en": ("Variable", "Default", "Meaning"),
        "zh": ("环境变量", "默认值", "含义"),
    },
}
# Defaults that are worked out on the machine.
_WORKED_OUT: dict[str, dict[Tongue, str]] = {
    "workers": {"en": "number of cores", "zh": "CPU 核数"},
    "tls_folder": {
        "en": "`~/.cache/facefusion-mock/tls`",
        "zh": "`~/.cache/facefusion-mock/tls`",
    },
    "results_folder": {
        "en": "`~/.cache/facefusion-mock/results`",
        "zh": "`~/.cache/facefusion-mock/results`",
    },
}
_UNSET: dict[Tongue, str] = {"en": "unset", "zh": "未设置"}
_MIB = 1024 * 1024

# Descriptions and recipes stand in English in the code; what is not here is shown in English.
_SETTINGS_ZH = {
    "host": "监听地址",
    "port": "监听端口；0 表示任取一个空闲端口",
    "seed": "种子文件（YAML），或含有 seed.yaml 的目录：账号、活动、素材",
    "tls": "设为 true 时同时提供 HTTPS，见 docs/tls.zh-CN.md",
    "tls_port": "HTTPS 端口；0 表示任取一个空闲端口",
    "tls_folder": "证书颁发机构的存放目录：ca.pem 及其私钥",
    "tls_hosts": "证书中另外包含的域名和地址，JSON 数组",
    "verify_signatures": "设为 false 时接受任何签名",
    "clock_skew_seconds": "X-TC-Timestamp 允许的最大偏差，秒（文档规定）",
    "random_seed": "使 RequestId 和结果文件名可重复；未设置时取自系统",
    "public_url": "结果链接的前缀；未设置时取自请求的 Host",
    "workers": "图片处理线程数",
    "deadline_seconds": "一张图片的处理期限，秒；超过则返回 FailedOperation.RequestTimeout",
    "jpeg_quality": "JPEG 结果的质量",
    "log_level": "最低日志级别",
    "log_format": "日志格式；json 为每行一个对象，容器镜像即如此",
    "admin_hosts": "还可以用哪些主机名访问 /_mock，JSON 数组",
    "admin_token": "设置后，访问 /_mock 须携带 `Authorization: Bearer` 和此值",
    "journal_entries": "日志保留的调用次数",
    "journal_bytes": "日志占用的内存上限",
    "results_folder": "结果图片的存放目录",
    "results_days": "结果链接的有效期，天（文档规定：7 天）",
    "results_max_bytes": "结果图片占用的磁盘上限；超过时先删除最旧的",
    "max_body_bytes": "请求包上限；超过则返回 RequestSizeLimitExceeded（文档规定）",
    "max_entity_bytes": "超过则返回 FailedOperation.RequestEntityTooLarge（推断）",
    "max_bodies_bytes": "所有处理中请求的包体可占用的内存；超出的请求需等待",
    "body_seconds": "接收请求包的期限，秒",
    "max_image_base64": "图片 base64 的长度上限（文档规定：5 M）",
    "max_image_side": "图片最长边，像素（文档规定）",
    "min_image_side": "图片最短边，像素（文档规定）",
    "max_image_aspect": "长短边之比的上限（推断）",
    "max_material_side": "素材最长边，像素（文档规定）",
    "download_max_bytes": "Url 指向的图片大小上限（推断）",
    "download_seconds": "下载期限，秒，含重定向",
    "download_redirects": "允许的重定向次数",
    "min_face_side": "人脸框最小边长，像素（文档规定）",
    "no_face_score": "检测得分低于此值视为没有人脸",
    "weak_face_score": "检测得分低于此值视为弱人脸",
    "max_roll_degrees": "平面内旋转的最大角度",
    "max_yaw_degrees": "左右偏转的最大角度",
    "max_pitch_degrees": "俯仰的最大角度",
    "face_exceed_share": "面部轮廓在图片之外的比例达到此值：FaceExceedBorder",
    "face_border_share": "面部轮廓在图片之外的比例达到此值：FaceBorderCheckFailed",
}
_RECIPES_ZH = {
    "neither Image nor Url": "Image 和 Url 都不传",
    "a JPG of over 3.75 MiB": "大于 3.75 MiB 的 JPG",
    "a body of 8 to 10 MiB": "8 到 10 MiB 的请求包",
    "a MetaKey of 33 characters": "33 个字符的 MetaKey",
    "two calls in one second, ProjectId=100647": "一秒内两次调用，ProjectId=100647",
    "a results folder on a read-only disk": "结果目录位于只读磁盘",
}


def rewrite(text: str, tongue: Tongue) -> str:
    """Return a README's text with its tables up to date."""
    for name, rows in (("errors", error_rows(tongue)), ("settings", setting_rows(tongue))):
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}{_table(_HEADS[name][tongue], rows)}{end}{after}"
    return text


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


def setting_rows(tongue: Tongue) -> list[tuple[str, ...]]:
    """Return a row a setting."""
    prefix = Settings.model_config["env_prefix"]
    return [
        (f"`{prefix}{name.upper()}`", _default(name, field, tongue), _meaning(name, field, tongue))
        for name, field in Settings.model_fields.items()
    ]


def _default(name: str, field: FieldInfo, tongue: Tongue) -> str:
    value = field.default
    if value is PydanticUndefined:
        return _WORKED_OUT[name][tongue]
    if value is None:
        return _UNSET[tongue]
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int) and value >= _MIB and value % _MIB == 0:
        return f"`{value}` ({value // _MIB} MiB)"
    return f"`{value}`"


def _meaning(name: str, field: FieldInfo, tongue: Tongue) -> str:
    english = field.description or ""
    return _SETTINGS_ZH.get(name, english) if tongue == "zh" else english


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(_line(cells) for cells in (head, ("---",) * len(head), *rows))


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def main() -> None:
    """Rewrite the tables of both READMEs."""
    for file, tongue in READMES.items():
        file.write_text(rewrite(file.read_text("utf-8"), tongue), "utf-8")


if __name__ == "__main__":
    main()
