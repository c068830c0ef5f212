"""The official Python SDK, imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.facefusion.v20181201.facefusion_client import FacefusionClient

    from mockserver.testing.access import KeyPair

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


def client_for(key: KeyPair, region: str, profile: ClientProfile) -> FacefusionClient:
    """Return a client that calls with this key pair. Raises ImportError."""
    try:
        from tencentcloud.common.credential import Credential
        from tencentcloud.facefusion.v20181201.facefusion_client import FacefusionClient
    except ImportError as error:
        raise ImportError(_MISSING.format(reason=error)) from None
    credential = Credential(key.secret_id, key.secret_key, key.token)
    return FacefusionClient(credential, region, profile)
