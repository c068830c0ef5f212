"""The fault rules: read, written, ordered, switched, counted."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from mockserver.admin.bounded import Bounded
from mockserver.admin.refusals import INVALID, UNREADABLE, refusal
from mockserver.admin.world import TheWorld
from mockserver.faults.book import Entry, TakenRuleError, UnknownRuleError
from mockserver.faults.rule import Rule

router = APIRouter(prefix="/faults", tags=["faults"], route_class=Bounded)

RuleId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Scope = Annotated[str | None, Query(description="only the rules for this SecretId")]


class RuleState(BaseModel):
    """A rule with its counts: calls that it was for, and how often it acted."""

    rule: Rule
    hits: int
    fired: int


class Switch(BaseModel):
    """Whether a rule is in force."""

    model_config = ConfigDict(extra="forbid", strict=True)
    enabled: bool


class Order(BaseModel):
    """Ids of the rules that come first, in order; the others follow as they were."""

    model_config = ConfigDict(extra="forbid", strict=True)
    ids: Annotated[list[str], Field(max_length=10_000)]


_CHANGE = {**INVALID, **UNREADABLE}
_NO_RULE = {**refusal(404, "no such rule"), **INVALID}


@router.get("", responses=INVALID)
async def list_rules(world: TheWorld, secret_id: Scope = None) -> list[RuleState]:
    """Return the rules in order."""
    return [_shown(entry) for _, entry in world.faults.items(secret_id)]


@router.post(
    "",
    status_code=201,
    responses={**refusal(409, "the id is taken, or there are too many rules"), **_CHANGE},
)
async def add_rule(rule: Rule, world: TheWorld) -> RuleState:
    """Put a rule at the end."""
    try:
        return _shown(world.faults.add(rule))
    except TakenRuleError as error:
        raise HTTPException(409, str(error)) from None


@router.delete("", status_code=204, responses=INVALID)
async def clear_rules(world: TheWorld, secret_id: Scope = None) -> Response:
    """Forget all rules, or those for one SecretId."""
    world.faults.clear(secret_id)
    return Response(status_code=204)


@router.post("/order", responses={**_NO_RULE, **_CHANGE})
async def order_rules(order: Order, world: TheWorld) -> list[RuleState]:
    """Put some rules first."""
    try:
        world.faults.reorder(order.ids)
    except UnknownRuleError as error:
        raise HTTPException(404, str(error)) from None
    return [_shown(entry) for _, entry in world.faults.items()]


@router.get("/{rule_id}", responses=_NO_RULE)
async def get_rule(rule_id: RuleId, world: TheWorld) -> RuleState:
    """Return one rule with its counts."""
    return _shown(_entry(world, rule_id))


@router.put("/{rule_id}", responses={**_NO_RULE, **_CHANGE})
async def replace_rule(rule_id: RuleId, rule: Rule, world: TheWorld) -> RuleState:
    """Put a rule in another's place; its counts begin anew."""
    _entry(world, rule_id)
    return _shown(world.faults.replace(rule_id, rule))


@router.patch("/{rule_id}", responses={**_NO_RULE, **_CHANGE})
async def switch_rule(rule_id: RuleId, switch: Switch, world: TheWorld) -> RuleState:
    """Switch a rule on or off; it keeps its counts."""
    _entry(world, rule_id)
    return _shown(world.faults.enable(rule_id, switch.enabled))


@router.delete("/{rule_id}", status_code=204, responses=_NO_RULE)
async def remove_rule(rule_id: RuleId, world: TheWorld) -> Response:
    """Forget a rule."""
    _entry(world, rule_id)
    world.faults.remove(rule_id)
    return Response(status_code=204)


def _entry(world: TheWorld, rule_id: str) -> Entry:
    try:
        return world.faults.get(rule_id)
    except UnknownRuleError as error:
        raise HTTPException(404, str(error)) from None


def _shown(entry: Entry) -> RuleState:
    return RuleState(rule=entry.rule, hits=entry.hits, fired=entry.fired)
