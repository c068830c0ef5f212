"""The official Python SDK, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from tencentcloud.common.profile.client_profile import ClientProfile

    from mockserver.testing.access import KeyPair

Version = Literal["2018-12-01", "2022-09-27"]

_MISSING = (
    "the official SDK is not installed: pip install tencentcloud-sdk-python-facefusion ({reason})"
)


def profile_for(url: str) -> ClientProfile:
    """Return a profile whose endpoint is this address. Raises ImportError."""
    try:
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile
    except ImportError as error:
        raise ImportError(_MISSING.format(reason=error)) from None
    scheme, _, endpoint = url.partition("://")
    return ClientProfile(httpProfile=HttpProfile(protocol=scheme, endpoint=endpoint))


def client_for(version: Version, key: KeyPair, region: str, profile: ClientProfile) -> Any:
    """Return a client of this version with this key pair. Raises ImportError, ValueError."""
    if version not in get_args(Version):
        raise ValueError(f"version: {version} is none of {', '.join(get_args(Version))}")
    name = f"tencentcloud.facefusion.v{version.replace('-', '')}.facefusion_client"
    try:
        from tencentcloud.common.credential import Credential

        module = import_module(name)
    except ImportError as error:
        raise ImportError(_MISSING.format(reason=error)) from None
    return module.FacefusionClient(
        Credential(key.secret_id, key.secret_key, key.token), region, profile
    )
