"""Every setting, read from FACEFUSION_MOCK_* environment variables."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIB = 1024 * 1024
PREFIX = "FACEFUSION_MOCK_"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}$)(\*\.)?{_LABEL}(\.{_LABEL})*")
_CLIENT_VARIABLES = {f"{PREFIX}ENDPOINT"}  # the command line's own


def _cache_folder() -> Path:
    """Return the user's folder for files that may be lost, by the XDG convention."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "facefusion-mock"


def _decoded(value: object) -> object:
    """Read a list that is written as JSON, as in a variable."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError('must be a JSON list, as ["one", "another"]') from None


# Without NoDecode what is no JSON would end in the library's own error.
Names = Annotated[list[str], NoDecode, BeforeValidator(_decoded)]


class Settings(BaseSettings):
    """The server's settings; a description names the unit and the source of the default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8670, ge=0, le=65535, description="port to listen on; 0 takes any free one")
    tls: bool = Field(False, description="true serves HTTPS as well, see docs/tls.md")
    tls_port: int = Field(8643, ge=0, le=65535, description="port for HTTPS; 0 takes any free one")
    tls_folder: Path = Field(
        default_factory=lambda: _cache_folder() / "tls",
        description="where the certificate authority is kept: ca.pem, and its key",
    )
    tls_hosts: Names = Field(
        [], description="further names and addresses in the certificate, as a JSON list"
    )
    seed: Path | None = Field(
        None, description="YAML file, or folder with a seed.yaml, of accounts, projects, materials"
    )
    verify_signatures: bool = Field(True, description="false accepts every signature")
    clock_skew_seconds: int = Field(
        300, ge=0, description="largest distance of X-TC-Timestamp (documented)"
    )
    random_seed: int | None = Field(
        None, description="makes RequestIds and result names repeatable; unset: from the system"
    )
    public_url: str | None = Field(
        None, description="base address of result links; unset: from the request's Host"
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=256, description="picture threads"
    )
    known_faces: int = Field(
        256, ge=0, le=100_000, description="user pictures whose face is remembered, by hash"
    )
    deadline_seconds: float = Field(
        10, gt=0, description="time for a picture, then FailedOperation.RequestTimeout"
    )
    jpeg_quality: int = Field(90, ge=1, le=100, description="quality of JPEG results")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level to log"
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="json: one object a line, as the image writes it"
    )
    metrics: bool = Field(False, description="true counts calls for Prometheus, at /_mock/metrics")
    hooks: Path | None = Field(
        None, description="folder of *.sh and *.py that run once, before the server is ready"
    )
    hook_seconds: float = Field(60, gt=0, description="time for each of them")

    admin_hosts: Names = Field(
        [], description="further host names under which /_mock may be asked, as a JSON list"
    )
    admin_token: str | None = Field(
        None, description="when set, /_mock wants `Authorization: Bearer` with it"
    )

    valkey_url: str | None = Field(
        None,
        description="address of the Valkey that several servers share, as valkey://host:6379/0; "
        "unset: each counts for itself",
    )
    results_folder: Path = Field(
        default_factory=lambda: _cache_folder() / "results", description="where results are kept"
    )
    results_days: float = Field(
        7, gt=0, description="how long a result link is valid (documented: 7 days)"
    )
    results_max_bytes: int = Field(
        1024 * MIB, ge=MIB, description="disk for results; over it the oldest go first"
    )

    journal_entries: int = Field(1000, ge=1, description="calls that the journal keeps")
    journal_bytes: int = Field(8 * MIB, ge=1024, description="memory that the journal takes")

    max_body_bytes: int = Field(
        10 * MIB, ge=1024, description="over it: RequestSizeLimitExceeded (documented)"
    )
    max_entity_bytes: int = Field(
        8 * MIB, ge=1024, description="over it: FailedOperation.RequestEntityTooLarge (inferred)"
    )
    max_bodies_bytes: int = Field(
        256 * MIB,
        ge=10 * MIB,
        description="memory for the bodies of all requests under way; more must wait",
    )
    body_seconds: float = Field(30, gt=0, description="time for a body to arrive")
    max_image_base64: int = Field(
        5 * MIB, ge=64, description="length of a picture's base64 (documented: 5 M)"
    )
    max_image_side: int = Field(3000, ge=64, description="longest side in px (documented)")
    min_image_side: int = Field(64, ge=1, description="shortest side in px (documented)")
    max_image_aspect: float = Field(
        16, ge=1, description="largest ratio of the two sides (inferred)"
    )
    max_material_side: int = Field(
        1080, ge=64, description="longest side of a material in px (documented)"
    )

    download_max_bytes: int = Field(
        10 * MIB, ge=1024, description="largest picture behind a Url (inferred)"
    )
    download_seconds: float = Field(5, gt=0, description="time for a download, redirects included")
    download_redirects: int = Field(3, ge=0, le=20, description="redirects followed")

    min_face_side: float = Field(34, description="smallest face box in px (documented)")
    no_face_score: float = Field(
        0.45, description="detector score under which there is no face (inferred)"
    )
    weak_face_score: float = Field(
        0.55, description="detector score under which a face is weak (inferred)"
    )
    max_roll_degrees: float = Field(
        45, description="largest turn in the picture's plane (inferred)"
    )
    max_yaw_degrees: float = Field(50, description="largest turn to the side (inferred)")
    max_pitch_degrees: float = Field(50, description="largest nod (inferred)")
    face_exceed_share: float = Field(
        0.35, description="share of the contour outside the picture: FaceExceedBorder (inferred)"
    )
    face_border_share: float = Field(
        0.10,
        description="share of the contour outside the picture: FaceBorderCheckFailed (inferred)",
    )

    @field_validator("tls_hosts")
    @classmethod
    def _names_or_addresses(cls, value: list[str]) -> list[str]:
        for name in value:
            if not (_HOST_NAME.fullmatch(name) or _is_address(name)):
                raise ValueError("must hold host names and addresses")
        return value


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class SettingsError(Exception):
    """A setting has a value that does not fit; the text names it, in one line."""


def read_settings(overrides: Mapping[str, Any]) -> Settings:
    """Return the environment's settings with `overrides` in their place. Raises SettingsError."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        problem = error.errors()[0]
        variable = PREFIX + ".".join(str(part) for part in problem["loc"]).upper()
        text = f"setting {variable}: {problem['msg']}, not {problem['input']!r:.80}"
        raise SettingsError(text) from None


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return the variables that look like settings and are none: misspelt ones, mostly."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | _CLIENT_VARIABLES
    return sorted(
        name
        for name in environment
        if name.upper().startswith(PREFIX) and name.upper() not in known
    )
