"""A fault rule: which calls it is for, what it does to them, and when it acts."""

import math
from random import Random
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from mockserver.errors import catalogue
from mockserver.state.values import Count, Network, Positive, Whole

MAX_SECONDS = 3600.0

Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS)]
Text = Annotated[str, Field(max_length=1024)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def _known(code: str) -> str:
    if code not in catalogue():
        raise ValueError(f"{code} is not in the catalogue; GET /_mock/errors lists all codes")
    return code


Code = Annotated[
    str,
    AfterValidator(_known),
    WithJsonSchema({"type": "string", "enum": list(catalogue())}),
]


class Uniform(_Model):
    """Seconds, evenly spread between two bounds, whichever is the larger."""

    min: Seconds
    max: Seconds

    def draw(self, random: Random) -> float:
        """Return one delay."""
        return random.uniform(self.min, self.max)


class Lognormal(_Model):
    """Seconds with a long tail: half of them under `median`; sigma is that of the logarithm."""

    median: Annotated[float, Field(gt=0, le=MAX_SECONDS)]
    sigma: Annotated[float, Field(ge=0, le=5)]

    def draw(self, random: Random) -> float:
        """Return one delay, an hour at most."""
        return min(random.lognormvariate(math.log(self.median), self.sigma), MAX_SECONDS)


NetworkFault = Literal["reset", "empty", "hang", "malformed_json"]
AnswerFault = Literal["charset", "no_request_id", "http_429", "http_500", "http_502", "http_503"]
ResultFault = Literal["expired", "wrong_size", "torn"]


_DEEDS = ("error", "latency", "network", "bandwidth", "cut", "answer", "result")


class Act(_Model):
    """What happens to a call. Latency and result faults go together with the others.

    `error` is a code of the catalogue, `message` overrides its text. `network`: a reset (RST), a
    connection closed without a byte, one held open until the client gives up, or an answer that
    is no JSON. `bandwidth` in bytes a second; `cut` ends the answer after this share of its
    bytes. `answer`: things that SDKs stumble over. `result`: what is wrong with the picture. An
    `error` wins over the other final acts beside it.
    """

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [deed]} for deed in _DEEDS]},
    )

    error: Code | None = None
    message: Text | None = None
    latency: Seconds | Uniform | Lognormal | None = None
    network: NetworkFault | None = None
    bandwidth: Positive | None = None
    cut: Annotated[float, Field(ge=0, lt=1)] | None = None
    answer: AnswerFault | None = None
    result: ResultFault | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.model_fields_set - {"message"}:
            raise ValueError(f"an act needs one of {', '.join(_DEEDS)}")
        return self

    @property
    def is_final(self) -> bool:
        """Whether it decides the answer, so that later rules are not looked at."""
        return any(
            value is not None
            for value in (self.error, self.network, self.bandwidth, self.cut, self.answer)
        )

    def delay(self, random: Random) -> float:
        """Return the seconds to wait."""
        if self.latency is None:
            return 0.0
        return self.latency if isinstance(self.latency, float | int) else self.latency.draw(random)


class Match(_Model):
    """Which calls; an absent field admits all. `picture` is a SHA-256 of the file's bytes."""

    action: str | None = None
    version: str | None = None
    region: str | None = None
    project: str | None = None
    material: str | None = None
    secret_id: str | None = None
    picture: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    client: Network | None = None
    headers: dict[str, str] = {}


class When(_Model):
    """When the rule acts on the calls that it is for.

    After `skip` of them, on every `every`-th, with `probability`, `times` times at most; only
    between `after` and `until` (unix seconds of the server's clock). `ttl` seconds after it was
    made the rule is dead, whatever became of the test that made it.
    """

    skip: Count = 0
    every: Positive = 1
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    seed: Whole | None = None
    times: Positive | None = None
    after: float | None = None
    until: float | None = None
    ttl: Annotated[float, Field(gt=0)] | None = None


class _Rule(_Model):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] | None = None
    enabled: bool = True
    match: Match = Match()
    when: When = When()


class ActRule(_Rule):
    """A rule that does the same each time that it acts."""

    act: Act


class SequenceRule(_Rule):
    """A rule that does one thing after the other: an entry each time that it acts, null lets the
    call pass. When it is used up it rests, or with `repeat` begins anew.
    """

    sequence: Annotated[list[Act | None], Field(min_length=1, max_length=1000)]
    repeat: bool = False


def _kind(rule: Any) -> str:
    has_sequence = "sequence" in rule if isinstance(rule, dict) else hasattr(rule, "sequence")
    return "sequence" if has_sequence else "act"


Rule = Annotated[
    Annotated[ActRule, Tag("act")] | Annotated[SequenceRule, Tag("sequence")],
    Discriminator(_kind),
]
