"""From an answered call to its journal entry."""

from collections.abc import Mapping
from typing import Any

from mockserver.gateway.call import Call
from mockserver.gateway.names import failover_of
from mockserver.state.journal import Entry
from mockserver.world import World

_LONG, _MANY, _DEEP = 256, 50, 8
_PICTURES = {"Image", "ModelImage", "LogoImage"}


def record(call: Call, world: World, seconds: float) -> None:
    """Write a call into the journal; the diagnosis of a refused one follows when it is known."""
    entry = Entry(
        request_id=call.request_id,
        time=call.received,
        milliseconds=round(seconds * 1000, 1),
        method=call.method[:_LONG],
        host=call.header("host")[:_LONG],
        # Python's SDK fails over to another name, but sends the Host of the first (observed).
        server_name=call.server_name[:_LONG],
        failover=failover_of((call.server_name or call.header("host"))[:_LONG]),
        client=call.client,
        user_agent=call.header("user-agent")[:_LONG],
        action=call.action[:_LONG],
        version=call.version[:_LONG],
        region=call.common.get("Region", "")[:_LONG],
        language=call.language,
        # Whatever else was sent as SecretId may be a SecretKey.
        secret_id=call.secret_id[:_LONG] if call.secret_id.startswith("AKID") else "",
        project=_text(call.params.get("ProjectId")),
        material=_text(call.params.get("ModelId")),
        code=call.code,
        message=call.message,
        params=_brief(call.params),
        pictures=call.pictures,
        result=call.result,
        faults=call.faults,
        stages=_stages(call.stopwatch.stages),
    )
    world.journal.add(entry)
    diagnosis = world.examiner.examine(call, world.accounts)
    if diagnosis is not None:
        world.journal.await_diagnosis(entry, diagnosis)


def _stages(seconds: Mapping[str, float]) -> dict[str, float]:
    """Return milliseconds by stage, without those that took none; in their order."""
    # A call that ran out of time may go on while this is written.
    rounded = {stage: round(taken * 1000, 1) for stage, taken in dict(seconds).items()}
    return {stage: taken for stage, taken in rounded.items() if taken}


def _text(value: Any) -> str:
    return value[:_LONG] if isinstance(value, str) else ""


def _brief(value: Any, name: str = "", depth: int = 0) -> Any:
    """Return parameters without pictures, long texts cut, long lists and deep objects too."""
    if name in _PICTURES and isinstance(value, str | bytes):
        return f"({len(value)} characters)"
    if isinstance(value, str):
        return value[:_LONG]
    if isinstance(value, dict | list) and depth >= _DEEP:
        return "..."
    if isinstance(value, dict):
        few = list(value.items())[:_MANY]
        return {key[:_LONG]: _brief(item, key, depth + 1) for key, item in few}
    if isinstance(value, list):
        return [_brief(item, name, depth + 1) for item in value[:_MANY]]
    return value if isinstance(value, bool | int | float | None) else f"({type(value).__name__})"
