"""The certificate that clients trust to use HTTPS; its key stays in its folder."""

from typing import Any

from fastapi import APIRouter, HTTPException, Response

from mockserver.admin.refusals import Responses, refusal
from mockserver.admin.world import TheWorld

router = APIRouter(tags=["server"])

_TYPE = "application/x-pem-file"
_PEM: dict[str, Any] = {_TYPE: {"schema": {"type": "string"}}}
_ANSWERS: Responses = {
    200: {"description": "the authority's certificate", "content": _PEM},
    **refusal(404, "HTTPS is not served"),
}


@router.get("/ca.pem", response_class=Response, responses=_ANSWERS)
async def authority(world: TheWorld) -> Response:
    """Return the certificate of the authority that this server's certificate is from."""
    if world.ca_pem is None:
        raise HTTPException(404, "HTTPS is not served; start the server with --tls")
    return Response(world.ca_pem, media_type=_TYPE)
