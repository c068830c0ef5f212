"""Prometheus metrics of one server, in a registry of its own; the library is an extra."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from mockserver.actions import ACTIONS
from mockserver.gateway.call import Call
from mockserver.imaging.pool import FusePool

_PREFIX = "facefusion_mock"
_ACTIONS = {action for actions in ACTIONS.values() for action in actions}
_LIMITS = ("RequestLimitExceeded", "FailedOperation.FuseFreqCtrl")
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """What is counted of each call, and what is asked for when someone looks."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, pool: FusePool) -> None:
        self._registry = registry = CollectorRegistry()
        self._calls = Counter(
            f"{_PREFIX}_calls", "Answered calls", ("action", "code"), registry=registry
        )
        self._limited = Counter(
            f"{_PREFIX}_rate_limited",
            "Calls answered with a rate limit's code, injected ones included",
            ("code",),
            registry=registry,
        )
        self._faults = Counter(f"{_PREFIX}_faults", "Times a fault rule acted", registry=registry)
        self._whole = Histogram(
            f"{_PREFIX}_call_seconds",
            "Time from a call to its answer",
            ("action",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._stages = Histogram(
            f"{_PREFIX}_stage_seconds",
            "Time that a stage of a call takes",
            ("stage",),
            buckets=_SECONDS,
            registry=registry,
        )
        queue = Gauge(f"{_PREFIX}_queue", "Pictures that wait for a thread", registry=registry)
        queue.set_function(lambda: pool.waiting)

    def observe(self, call: Call, seconds: float) -> None:
        """Count a call; whatever else a caller sends as its action is `other`."""
        action = call.action if call.action in _ACTIONS else "other"
        self._calls.labels(action, call.code).inc()
        self._whole.labels(action).observe(seconds)
        self._faults.inc(len(call.faults))
        if call.code.startswith(_LIMITS):
            self._limited.labels(call.code).inc()
        for stage, taken in dict(call.stopwatch.stages).items():
            self._stages.labels(stage).observe(taken)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)
