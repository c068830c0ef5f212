"""Where faults meet a call: the magic material, the header, the rules."""

import asyncio

from mockserver.errors import MAGIC_MATERIAL, ApiError, catalogue
from mockserver.faults.book import Outcome
from mockserver.faults.inject import name_of, replaces_answer
from mockserver.gateway.call import Call
from mockserver.world import World

HEADER = "x-mock-fault"
LEFT = "fault:client_left"  # the journal's code of a call whose client did not bear a latency


class AnsweredError(Exception):
    """The call's fault needs no answer of the action's."""


async def intervene(call: Call, world: World) -> None:
    """Do to a call what was asked for before its action begins.

    Raises the injected ApiError, AnsweredError.
    """
    _inject_asked_code(call)
    if len(world.faults):
        await _carry_out(call, world.faults.judge(call))


async def intervene_by_picture(call: Call, world: World) -> None:
    """Do what the rules say that name a picture, once it is known. Raises as `intervene`."""
    await _carry_out(call, world.faults.judge(call, by_picture=True))


def _inject_asked_code(call: Call) -> None:
    """Raise the code that the ModelId `mock-error:<Code>` or the header X-Mock-Fault names.

    Raises ApiError InvalidParameterValue for a code that the catalogue does not have.
    """
    model_id = call.params.get("ModelId")
    asked = call.header(HEADER)
    if not asked and isinstance(model_id, str) and model_id.startswith(MAGIC_MATERIAL):
        asked = model_id.removeprefix(MAGIC_MATERIAL)
    if not asked:
        return
    if asked not in catalogue():
        raise ApiError("InvalidParameterValue", text="unknown_code", asked=asked)
    raise ApiError(asked)


async def _carry_out(call: Call, outcome: Outcome) -> None:
    call.faults += outcome.rules
    call.result_fault = call.result_fault or outcome.result
    if outcome.delay:
        call.stopwatch.lap("check")
        await _delay(call, outcome.delay)
        call.stopwatch.lap("fault")
    act = outcome.final
    if act is None:
        return
    if act.error is not None:
        raise ApiError(act.error, override=act.message)
    call.act = act
    if replaces_answer(act):
        call.code = name_of(act)
        raise AnsweredError


async def _delay(call: Call, seconds: float) -> None:
    """Let the client wait. Raises AnsweredError when it leaves."""
    if call.peer is None:
        await asyncio.sleep(seconds)
        return
    with call.peer.held():
        if await call.peer.leaves(within=seconds):
            call.code = LEFT
            raise AnsweredError
