"""What several servers share, in Valkey: rate windows, quotas, results.

Each change is one script, which Valkey runs as a whole, so counts are exact whoever counts.
"""

from collections.abc import Iterator, Sequence

from mockserver.state.clock import MockClock
from mockserver.state.models import Project
from mockserver.state.results import Names, ResultExpiredError, ResultNotFoundError
from mockserver.state.valkey import RefusedError, Valkey

_KEEP_WINDOWS = 3600  # seconds of real time, for the mock's clock may stand still
_AT_ONCE = 1000  # fields of one command; a script can pass on some thousand values

_HIT = """
local key = KEYS[2] .. (redis.call('GET', KEYS[1]) or '0') .. ARGV[1]
local count = redis.call('INCR', key)
redis.call('EXPIRE', key, ARGV[2])
return count
"""


class ValkeyRateLimiter:
    """Windows that all servers count in. They have a generation, by which all are forgotten."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    async def hit(self, key: str, clock: MockClock) -> int:
        """Count one call and return how many there are in this second, this one included."""
        window = f":{clock.owner}:{int(clock.now())}:{key}"
        keys = ("generation", "rate:")
        return int(await self._valkey.run(_HIT, keys, window, _KEEP_WINDOWS))

    async def clear(self) -> None:
        """Forget every count."""
        await self._valkey.run("redis.call('INCR', KEYS[1])", ("generation",))


_TAKE = """
local left = redis.call('HGET', KEYS[1], ARGV[1]) or ARGV[2]
if left == '' then return 1 end
if tonumber(left) < 1 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], tonumber(left) - 1)
return 1
"""


class ValkeyQuotas:
    """What each project has left, by its id, for all servers; what is not there is as it was.

    An empty text stands for no end.
    """

    _KEYS = ("quotas",)

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    async def left(self, projects: Sequence[Project]) -> list[int | None]:
        """Return what each of these projects has left."""
        script = "return redis.call('HMGET', KEYS[1], unpack(ARGV))"
        found: list[bytes | None] = []
        for some in _parts(projects):
            found += await self._valkey.run(script, self._KEYS, *(project.id for project in some))
        return [
            project.quota if text is None else int(text) if text else None
            for project, text in zip(projects, found, strict=True)
        ]

    async def take(self, project: Project) -> bool:
        """Take one call of what a project has left; False when that is nothing."""
        taken = await self._valkey.run(_TAKE, self._KEYS, project.id, _text(project.quota))
        return bool(taken)

    async def put(self, projects: Sequence[Project]) -> None:
        """Let each of these projects have its `quota` left from now on."""
        for some in _parts(projects):
            pairs = [text for project in some for text in (project.id, _text(project.quota))]
            await self._valkey.run("redis.call('HSET', KEYS[1], unpack(ARGV))", self._KEYS, *pairs)

    async def clear(self) -> None:
        """Forget what was taken."""
        await self._valkey.run("redis.call('DEL', KEYS[1])", self._KEYS)


def _parts(projects: Sequence[Project]) -> Iterator[Sequence[Project]]:
    for start in range(0, len(projects), _AT_ONCE):
        yield projects[start : start + _AT_ONCE]


def _text(quota: int | None) -> str:
    return "" if quota is None else str(quota)


_PUT = """
local size = #ARGV[2]
local total = size + tonumber(redis.call('GET', KEYS[3]) or '0')
while total > tonumber(ARGV[3]) do
    local oldest = redis.call('LPOP', KEYS[2])
    if not oldest then
        total = size
        break
    end
    local length, name = string.match(oldest, '^(%d+) (.+)$')
    redis.call('UNLINK', KEYS[1] .. name)
    total = total - length
end
redis.call('SET', KEYS[1] .. ARGV[1], ARGV[2])
redis.call('RPUSH', KEYS[2], size .. ' ' .. ARGV[1])
redis.call('SET', KEYS[3], total)
"""


class ValkeyResults:
    """Pictures that every server can hand out; over `max_bytes` the oldest go first.

    Beside a picture stands the SecretId that it was made for.
    """

    _KEYS = ("result:", "results", "results-bytes")

    def __init__(self, valkey: Valkey, names: Names, *, max_bytes: int) -> None:
        self._valkey = valkey
        self._names = names
        self._max_bytes = max_bytes

    def open(self) -> None:
        """Do nothing: there is no stock to take."""

    def put(
        self, model_id: str, data: bytes, suffix: str, *, secret_id: str = "", expired: bool = False
    ) -> str:
        """Keep a key's picture and return its name; `expired`: one whose time is over already.

        Raises OSError when the store refuses, StoreError.
        """
        name = self._names.new(model_id, suffix, secret_id=secret_id, expired=expired)
        value = secret_id.encode() + b"\n" + data
        try:
            self._valkey.run_in_thread(_PUT, self._KEYS, name, value, self._max_bytes)
        except RefusedError:
            raise OSError("the store refuses") from None
        return name

    def get(self, name: str) -> bytes:
        """Return a picture. Raises ResultExpiredError, ResultNotFoundError, StoreError."""
        self._names.check(name)
        script = "return redis.call('GET', KEYS[1] .. ARGV[1])"
        value: bytes | None = self._valkey.run_in_thread(script, self._KEYS[:1], name)
        secret_id, _, data = (value or b"\n").partition(b"\n")
        if self._names.has_expired(name, secret_id.decode()):
            raise ResultExpiredError
        if value is None:
            raise ResultNotFoundError
        return data
