"""The fault rules as a page: injected with a click, switched, counted, removed."""

import json
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from mockserver.admin import faults as api
from mockserver.admin.world import TheWorld
from mockserver.console.page import ConsoleRoute, back, render
from mockserver.errors import catalogue
from mockserver.faults.rule import ActRule, AnswerFault, NetworkFault, ResultFault, Rule

router = APIRouter(prefix="/faults", route_class=ConsoleRoute)

KINDS = {
    "network": get_args(NetworkFault),
    "answer": get_args(AnswerFault),
    "result": get_args(ResultFault),
}
_DEEDS = ("error", "latency", *KINDS)
_MATCHES = ("action", "project", "material", "secret_id")
_WHENS = ("times", "every", "ttl")
_SHOWN = 200  # rules


class RuleForm(BaseModel):
    """A rule as the form has it; an empty field is left out."""

    error: str | None = None
    latency: float | None = None
    network: str | None = None
    answer: str | None = None
    result: str | None = None
    action: str | None = None
    project: str | None = None
    material: str | None = None
    secret_id: str | None = None
    times: int | None = None
    every: int | None = None
    ttl: float | None = None

    def rule(self) -> ActRule:
        """Return the rule. Raises ValidationError."""
        parts = {"act": _DEEDS, "match": _MATCHES, "when": _WHENS}
        return ActRule.model_validate({name: self._sent(fields) for name, fields in parts.items()})

    def _sent(self, fields: tuple[str, ...]) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in fields}
        return {name: value for name, value in values.items() if value is not None}


class SwitchForm(BaseModel):
    """Whether a rule is to be in force."""

    enabled: bool


@router.get("")
async def faults(request: Request, world: TheWorld) -> Response:
    """Show the rules in order."""
    rules = [(state, _written(state.rule)) for state in await api.list_rules(world)]
    return render(
        request,
        "faults.html",
        rules=rules[:_SHOWN],
        count=len(rules),
        codes=list(catalogue()),
        kinds=KINDS,
    )


@router.post("")
async def inject(form: Annotated[RuleForm, Form()], world: TheWorld) -> Response:
    """Add a rule."""
    state = await api.add_rule(form.rule(), world)
    return back(f"/faults#{state.rule.id}")


@router.post("/clear")
async def clear(world: TheWorld) -> Response:
    """Forget every rule."""
    await api.clear_rules(world)
    return back("/faults")


@router.post("/{rule_id}/switch")
async def switch(
    rule_id: api.RuleId, form: Annotated[SwitchForm, Form()], world: TheWorld
) -> Response:
    """Switch a rule on or off."""
    await api.switch_rule(rule_id, api.Switch(enabled=form.enabled), world)
    return back(f"/faults#{rule_id}")


@router.post("/{rule_id}/remove")
async def remove(rule_id: api.RuleId, world: TheWorld) -> Response:
    """Forget a rule."""
    await api.remove_rule(rule_id, world)
    return back("/faults")


def _written(rule: Rule) -> dict[str, str]:
    """Return a rule's parts as JSON, as /_mock/faults takes them; without what is left out."""
    parts = rule.model_dump(mode="json", exclude_defaults=True, exclude={"id", "enabled"})
    return {name: json.dumps(part, ensure_ascii=False) for name, part in parts.items()}
