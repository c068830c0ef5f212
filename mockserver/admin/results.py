"""Result pictures behind their links, refused as an object store refuses."""

import asyncio
from typing import Any
from xml.sax.saxutils import escape

from fastapi import APIRouter, Response

from mockserver.admin.refusals import INVALID, Responses
from mockserver.admin.world import TheWorld
from mockserver.state.results import ResultExpiredError, ResultNotFoundError
from mockserver.state.valkey import StoreError

router = APIRouter(tags=["results"])

# The shape of COS' error documents.
_ERROR = """<?xml version='1.0' encoding='utf-8' ?>
<Error>
\t<Code>{code}</Code>
\t<Message>{message}</Message>
\t<Resource>{resource}</Resource>
\t<RequestId>{request_id}</RequestId>
</Error>
"""

_XML: dict[str, Any] = {"application/xml": {}}
_ANSWERS: Responses = {
    200: {"description": "the picture", "content": {"image/jpeg": {}, "image/png": {}}},
    403: {"description": "the link has expired", "content": _XML},
    404: {"description": "there is no such result", "content": _XML},
    503: {"description": "the store is out of reach", "content": _XML},
    **INVALID,
}


@router.head("/results/{name}", response_class=Response, responses=_ANSWERS)
@router.get("/results/{name}", response_class=Response, responses=_ANSWERS)
async def result(name: str, world: TheWorld) -> Response:
    """Return a fused picture."""
    try:
        data = await asyncio.to_thread(world.results.get, name)
    except ResultExpiredError:
        return refuse_as_store(world, 403, "AccessDenied", "Request has expired", name)
    except ResultNotFoundError:
        return refuse_as_store(world, 404, "NoSuchKey", "The specified key does not exist.", name)
    except StoreError:
        return refuse_as_store(world, 503, "ServiceUnavailable", "The store is out of reach.", name)
    return Response(data, media_type="image/png" if name.endswith(".png") else "image/jpeg")


def refuse_as_store(world: TheWorld, status: int, code: str, message: str, name: str) -> Response:
    """Refuse as an object store does."""
    document = _ERROR.format(
        code=code,
        message=message,
        resource=escape("/" + name),
        request_id=escape(world.new_request_id()),
    )
    return Response(document, status, media_type="application/xml")
