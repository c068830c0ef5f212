"""A key pair at a running mock: official clients, faults, and the journal of its calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from mockserver.testing import sdk
from mockserver.testing.clock import Clock
from mockserver.testing.faults import Fault, Options, Step, add_fault, rule_body
from mockserver.testing.requests import Requests

if TYPE_CHECKING:
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.facefusion.v20181201 import facefusion_client as v20181201
    from tencentcloud.facefusion.v20220927 import facefusion_client as v20220927

    from mockserver.remote import Remote


@dataclass(frozen=True)
class KeyPair:
    """A SecretId with its SecretKey; a temporary one has a token."""

    secret_id: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Access:
    """A mock as the holder of one key pair sees it."""

    _known: Remote | None = None  # once it runs
    _key: KeyPair | None = None  # None: the default pair
    _scope: str | None = None  # the SecretId that faults, clock and journal are limited to

    @property
    def _remote(self) -> Remote:
        if self._known is None:
            raise RuntimeError("the mock is not running; use it in a `with` block, or start() it")
        return self._known

    @property
    def url(self) -> str:
        """The mock's address with its scheme, as `http://127.0.0.1:8670`."""
        return self._remote.url

    @property
    def endpoint(self) -> str:
        """Host and port, as SDKs want an endpoint: `127.0.0.1:8670`."""
        return self.url.partition("://")[2]

    @property
    def key(self) -> KeyPair:
        """The key pair."""
        from mockserver.state.models import DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY

        return self._key or KeyPair(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)

    @property
    def secret_id(self) -> str:
        """The key pair's SecretId."""
        return self.key.secret_id

    @property
    def secret_key(self) -> str:
        """The key pair's SecretKey."""
        return self.key.secret_key

    @property
    def project_id(self) -> str:
        """The ProjectId of the key's first project that has a material. Raises LookupError."""
        return str(self._project()["id"])

    @property
    def model_id(self) -> str:
        """The ModelId of that project's first material. Raises LookupError."""
        return str(self._project()["materials"][0]["id"])

    def profile(self) -> ClientProfile:
        """Return a profile of the official Python SDK that points here, to be changed at will.

        Raises ImportError when the SDK is not installed.
        """
        return sdk.profile_for(self.url)

    @overload
    def client(
        self,
        key: KeyPair | None = None,
        *,
        version: Literal["2018-12-01"] = "2018-12-01",
        region: str = "ap-guangzhou",
        profile: ClientProfile | None = None,
    ) -> v20181201.FacefusionClient: ...

    @overload
    def client(
        self,
        key: KeyPair | None = None,
        *,
        version: Literal["2022-09-27"],
        region: str = "ap-guangzhou",
        profile: ClientProfile | None = None,
    ) -> v20220927.FacefusionClient: ...

    def client(
        self,
        key: KeyPair | None = None,
        *,
        version: sdk.Version = "2018-12-01",
        region: str = "ap-guangzhou",
        profile: ClientProfile | None = None,
    ) -> Any:
        """Return an official client of a version of the API, 2018-12-01 or 2022-09-27.

        It calls here, with this key pair and profile unless others are given. Raises ImportError
        when the SDK is not installed, ValueError for another version.
        """
        return sdk.client_for(version, key or self.key, region, profile or self.profile())

    def fault(
        self,
        error: str | None = None,
        *,
        sequence: Iterable[Step] | None = None,
        repeat: bool = False,
        id: str | None = None,  # noqa: A002  the rule's own word
        **options: Unpack[Options],
    ) -> Fault:
        """Let calls go wrong from now on; in a `with` block, until it is left.

        `error` is a code of the catalogue, `sequence` one step after another: a code, None (the
        call passes), or a dict of acts. The other options are the fields of a fault rule, for
        what happens, to which calls, and when; docs/faults.md has them all. Raises TypeError for an
        unknown option, RemoteError for a value that the server refuses.
        """
        rule = rule_body(error, sequence, options, self._scope)
        named = {"id": id} if id else {}
        repeated = {"repeat": True} if repeat else {}
        return add_fault(self._remote, {**rule, **named, **repeated})

    @property
    def clock(self) -> Clock:
        """The time that every rule goes by."""
        return Clock(self._remote, self._scope)

    @property
    def requests(self) -> Requests:
        """The journal of the calls."""
        return Requests(self._remote, key=self._scope)

    def _project(self) -> dict[str, Any]:
        for account in self._remote.ask("GET", "/state")["accounts"]:
            if self.secret_id in (key["secret_id"] for key in account["keys"]):
                for project in account["projects"]:
                    if project["materials"]:
                        return dict(project)
        raise LookupError(f"{self.secret_id} has no project with a material")
