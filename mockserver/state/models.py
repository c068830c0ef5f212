"""Accounts, projects and materials: what a seed file describes.

State words are plain, so that a test can say `billing: in_arrears` or `audit: pending` and
nothing else. Every model refuses fields that it does not know.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from mockserver.faults.rule import Rule
from mockserver.state.values import Degree, Moment, Network

# The public documentation's example pair.
DEFAULT_SECRET_ID = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"  # noqa: S105
DEFAULT_SECRET_KEY = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"  # noqa: S105

Billing = Literal[
    "normal",
    "delivering",
    "frozen",
    "auth_info_error",
    "in_arrears",
    "low_balance",
    "not_exist",
    "not_ready",
    "recovered",
    "stopped",
    "unknown",
    "charge_status_exception",
]
Audit = Literal["approved", "pending", "rejected"]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
SecretId = Annotated[str, Field(pattern=r"^AKID[A-Za-z0-9_-]{1,124}$")]
Rate = Annotated[int, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Review(_Model):
    """What CelebrityIdentify answers for a picture: 0-70 PASS, 70-80 REVIEW, 80-100 BLOCK."""

    confidence: Annotated[float, Field(ge=0, le=100)] = 0.0
    label: str = ""
    category: str = "Politics"


class PictureReview(Review):
    """A review for the user picture with this SHA-256, whatever the material."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Material(_Model):
    """A template picture (素材). `file` is relative to the seed file.

    The degrees are for calls that name none. `created` and `updated` (absent: the same) are what
    DescribeMaterialList tells.
    """

    id: Identifier
    file: Path = Field(strict=False)
    audit: Audit = "approved"
    deleted: bool = False
    review: Review | None = None
    profile_degree: Degree = 50
    face_degree: Degree = 50
    created: Moment = 1577836800.0  # 2020-01-01 00:00 UTC
    updated: Moment | None = None


class Project(_Model):
    """An activity (活动): a set of materials with a rate of its own.

    `rate` is in calls a second; absent, it is the documented 50 of a published and 1 of an
    unpublished project. `quota` is the number of calls that the project has left, absent: no end.
    """

    id: Identifier
    state: Literal["published", "unpublished", "stopped"] = "published"
    rate: Rate | None = None
    quota: Annotated[int, Field(ge=0)] | None = None
    materials: list[Material] = []

    @property
    def calls_per_second(self) -> int:
        """The project's rate limit."""
        if self.rate is not None:
            return self.rate
        return 50 if self.state == "published" else 1


class Key(_Model):
    """An API key pair; with a `token` it is a temporary one, valid until `expires` (unix seconds).

    A temporary key goes by the clock of the key that it was `issued_by`, unless it has its own.
    `denied` names the actions that the key may not call, `*` all of them; `mfa` demands a second
    factor, which no SDK call carries.
    """

    secret_id: SecretId
    secret_key: Annotated[str, Field(min_length=1, max_length=128)]
    enabled: bool = True
    token: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    expires: float | None = None
    issued_by: SecretId | None = None
    denied: list[str] = []
    mfa: bool = False

    def may_call(self, action: str) -> bool:
        """Tell whether the key may call this action."""
        return not {action, "*"} & set(self.denied)


def _default_keys() -> list[Key]:
    return [Key(secret_id=DEFAULT_SECRET_ID, secret_key=DEFAULT_SECRET_KEY)]


class Account(_Model):
    """A cloud account (主账号) with its keys, billing state and projects.

    `rate` limits the calls of all its keys together, in calls a second. `ip_allow` and `ip_deny`
    are addresses or networks; where `ip_allow` is given, no other address may call.
    """

    uin: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] = "100000000001"
    billing: Billing = "normal"
    rate: Rate | None = None
    ip_allow: list[Network] | None = None
    ip_deny: list[Network] = []
    keys: list[Key] = Field(default_factory=_default_keys)
    projects: list[Project] = []


class Limits(_Model):
    """Limits beside those of projects and accounts, in calls a second: by caller's address,
    and by action.
    """

    ip: Rate | None = None
    actions: dict[str, Rate] = {}


class Seed(_Model):
    """The root of a seed file."""

    limits: Limits = Limits()
    faults: list[Rule] = []
    accounts: Annotated[list[Account], Field(min_length=1)]
    reviews: list[PictureReview] = []
