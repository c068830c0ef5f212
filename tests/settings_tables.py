"""The tables of settings: one of all for the READMEs, one a group for the settings' page."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mockserver.cli import serve
from mockserver.settings import Settings

Tongue = Literal["en", "zh"]

# The groups of the settings' page, each with its first setting; it ends where the next begins.
GROUPS = {
    "network": "host",
    "world": "seed",
    "work": "workers",
    "logs": "log_level",
    "hooks": "hooks",
    "admin": "admin_hosts",
    "results": "valkey_url",
    "journal": "journal_entries",
    "sizes": "max_body_bytes",
    "downloads": "download_max_bytes",
    "faces": "min_face_side",
}
_KINDS: dict[type, dict[Tongue, str]] = {
    bool: {"en": "`true`, `false`", "zh": "`true`、`false`"},
    int: {"en": "whole number", "zh": "整数"},
    float: {"en": "number", "zh": "数值"},
    Path: {"en": "path", "zh": "路径"},
    str: {"en": "text", "zh": "字符串"},
    list: {"en": "JSON list", "zh": "JSON 数组"},
}
_BOUNDED: dict[tuple[str, ...], dict[Tongue, str]] = {
    (): {"en": "{kind}", "zh": "{kind}"},
    ("gt",): {"en": "{kind}, over {gt}", "zh": "{kind}，大于 {gt}"},
    ("ge",): {"en": "{kind}, {ge} or more", "zh": "{kind}，不小于 {ge}"},
    ("ge", "le"): {"en": "{kind}, {ge} to {le}", "zh": "{kind}，{ge} 到 {le}"},
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

# Descriptions stand in English in the code; what is not here is shown in English.
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
    "known_faces": "记住多少张用户图片的人脸位置（按图片哈希）；0 表示不记",
    "deadline_seconds": "一张图片的处理期限，秒；超过则返回 FailedOperation.RequestTimeout",
    "jpeg_quality": "JPEG 结果的质量",
    "log_level": "最低日志级别",
    "log_format": "日志格式；json 为每行一个对象，容器镜像即如此",
    "metrics": "设为 true 时为 Prometheus 计数，见 /_mock/metrics",
    "hooks": "钩子目录：其中的 *.sh 和 *.py 在服务器就绪之前各运行一次",
    "hook_seconds": "每个钩子的期限，秒",
    "admin_hosts": "还可以用哪些主机名访问 /_mock，JSON 数组",
    "admin_token": "设置后，访问 /_mock 须携带 `Authorization: Bearer` 和此值",
    "journal_entries": "日志保留的调用次数",
    "journal_bytes": "日志占用的内存上限",
    "valkey_url": "多台服务器共享的 Valkey 的地址，如 valkey://host:6379/0；未设置时各自计数",
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
    "no_face_score": "检测得分低于此值视为没有人脸（推断）",
    "weak_face_score": "检测得分低于此值视为弱人脸（推断）",
    "max_roll_degrees": "平面内旋转的最大角度（推断）",
    "max_yaw_degrees": "左右偏转的最大角度（推断）",
    "max_pitch_degrees": "俯仰的最大角度（推断）",
    "face_exceed_share": "面部轮廓在图片之外的比例达到此值：FaceExceedBorder（推断）",
    "face_border_share": "面部轮廓在图片之外的比例达到此值：FaceBorderCheckFailed（推断）",
}


def setting_rows(tongue: Tongue) -> list[tuple[str, ...]]:
    """Return a row a setting: variable, default, meaning."""
    return [
        (_variable(name), _default(name, field, tongue), _meaning(name, field, tongue))
        for name, field in Settings.model_fields.items()
    ]


def group_rows(group: str, tongue: Tongue) -> list[tuple[str, ...]]:
    """Return a row a setting of a group: variable and option, values, default, meaning."""
    return [
        (
            "<br>".join([_variable(name), *_option(name)]),
            _values(field, tongue),
            _default(name, field, tongue),
            _meaning(name, field, tongue),
        )
        for name, field in _members(group)
    ]


def _members(group: str) -> list[tuple[str, FieldInfo]]:
    fields = list(Settings.model_fields.items())
    names = [name for name, _ in fields]
    starts = [*(names.index(first) for first in GROUPS.values()), len(names)]
    number = list(GROUPS).index(group)
    return fields[starts[number] : starts[number + 1]]


def _variable(name: str) -> str:
    return f"`{Settings.model_config['env_prefix']}{name.upper()}`"


def _option(name: str) -> list[str]:
    """Return the option of `serve` that stands for a setting, if there is one."""
    as_option = {"verify_signatures": "no_verify"}.get(name, name)
    return [f"`{option.opts[0]}`" for option in serve.params if option.name == as_option]


def _values(field: FieldInfo, tongue: Tongue) -> str:
    """Return the kind of a setting's value with its bounds, or the words that it may be."""
    hint: Any = field.annotation
    if get_origin(hint) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(hint))
    kind = get_origin(hint) if get_origin(hint) is list else next(iter(get_args(hint)), hint)
    bounds = {
        name: _figure(getattr(limit, name))
        for limit in field.metadata
        for name in ("gt", "ge", "le")
        if hasattr(limit, name)
    }
    return _BOUNDED[tuple(bounds)][tongue].format(kind=_KINDS[kind][tongue], **bounds)


def _figure(value: float) -> str:
    is_mib = isinstance(value, int) and value >= _MIB and value % _MIB == 0
    return f"{value} ({value // _MIB} MiB)" if is_mib else f"{value}"


def _default(name: str, field: FieldInfo, tongue: Tongue) -> str:
    value = field.default
    if value is PydanticUndefined:
        return _WORKED_OUT[name][tongue]
    if value is None:
        return _UNSET[tongue]
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    figure, *in_mib = _figure(value).split(maxsplit=1)
    return " ".join((f"`{figure}`", *in_mib))


def _meaning(name: str, field: FieldInfo, tongue: Tongue) -> str:
    english = field.description or ""
    return _SETTINGS_ZH.get(name, english) if tongue == "zh" else english
