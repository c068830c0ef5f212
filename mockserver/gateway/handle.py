"""The straight line from a request to its answer."""

import asyncio
import logging

from mockserver.actions import ACTIONS
from mockserver.errors import ApiError
from mockserver.faults.intervene import AnsweredError, intervene
from mockserver.gateway.authenticate import authenticate
from mockserver.gateway.authorize import authorize, limit
from mockserver.gateway.call import Call
from mockserver.gateway.common import identify
from mockserver.gateway.envelope import Answer, fail, succeed
from mockserver.gateway.parameters import read_params
from mockserver.world import World

log = logging.getLogger("facefusion_mock")


async def handle(call: Call, world: World) -> Answer:
    """Answer one call; the order of the steps is inferred (two points of it observed)."""
    settings = world.settings
    try:
        check_protocol(call, settings.max_body_bytes)
        identify(call, verified=settings.verify_signatures)
        authenticate(call, world)
        authorize(call, world)
        await limit(call, world)
        read_params(call, settings.max_entity_bytes)
        await intervene(call, world)
        return succeed(call, await act(call, world))
    except ApiError as error:
        return fail(call, error)
    except AnsweredError:
        return succeed(call, {})
    except Exception:
        log.exception("unforeseen error, RequestId %s", call.request_id, extra=call.logged())
        return fail(call, ApiError("InternalError"))


def check_protocol(call: Call, max_body: int) -> None:
    """Check method and size. Raises ApiError UnsupportedProtocol, RequestSizeLimitExceeded."""
    if call.method not in ("GET", "POST"):
        raise ApiError("UnsupportedProtocol")
    if call.body_size > max_body:
        raise ApiError("RequestSizeLimitExceeded")


async def act(call: Call, world: World) -> dict[str, object]:
    """Run the action within the deadline.

    Raises the action's ApiError, FailedOperation.RequestTimeout, FailedOperation.InnerError.
    """
    try:
        async with asyncio.timeout(world.settings.deadline_seconds):
            return await ACTIONS[call.version][call.action](call, world)
    except (ApiError, AnsweredError):
        raise
    except TimeoutError:
        raise ApiError("FailedOperation.RequestTimeout") from None
    except Exception:
        text = "unforeseen error in %s, RequestId %s"
        log.exception(text, call.action, call.request_id, extra=call.logged())
        raise ApiError("FailedOperation.InnerError") from None
