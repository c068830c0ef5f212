"""Result pictures behind their links, refused as an object store refuses."""

import asyncio
from xml.sax.saxutils import escape

from fastapi import APIRouter, Response

from mockserver.admin.world import TheWorld
from mockserver.state.results import ResultExpiredError, ResultNotFoundError

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


@router.api_route(
    "/results/{name}",
    methods=["GET", "HEAD"],
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}, "image/png": {}}},
        403: {"description": "the link has expired", "content": {"application/xml": {}}},
        404: {"description": "there is no such result", "content": {"application/xml": {}}},
    },
)
async def result(name: str, world: TheWorld) -> Response:
    """Return a fused picture."""
    try:
        data = await asyncio.to_thread(world.results.get, name)
    except ResultExpiredError:
        return _refuse(world, 403, "AccessDenied", "Request has expired", name)
    except ResultNotFoundError:
        return _refuse(world, 404, "NoSuchKey", "The specified key does not exist.", name)
    return Response(data, media_type="image/png" if name.endswith(".png") else "image/jpeg")


def _refuse(world: TheWorld, status: int, code: str, message: str, name: str) -> Response:
    document = _ERROR.format(
        code=code,
        message=message,
        resource=escape("/" + name),
        request_id=escape(world.new_request_id()),
    )
    return Response(document, status, media_type="application/xml")
