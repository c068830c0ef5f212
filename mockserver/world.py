"""Everything that one server knows and holds; there are no module globals beside it."""

import asyncio
import random
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver import memory
from mockserver.faults.book import Book
from mockserver.gateway.budget import MemoryBudget
from mockserver.gateway.examiner import Examiner
from mockserver.gateway.ratelimit import MemoryRateLimiter, RateLimiter
from mockserver.imaging.engine import MeshEngine
from mockserver.imaging.pool import FusePool
from mockserver.known_faces import KnownFaces
from mockserver.materials import Gallery
from mockserver.settings import Settings
from mockserver.state import sandbox
from mockserver.state.accounts import FIRST_FREE, Accounts
from mockserver.state.clock import Clocks, MockClock
from mockserver.state.journal import Journal
from mockserver.state.models import Account, Material, Seed
from mockserver.state.quotas import MemoryQuotas, Quotas
from mockserver.state.results import DirectoryResults, Names, ResultStore
from mockserver.state.seed import default_seed, load_seed
from mockserver.state.shared import ValkeyQuotas, ValkeyRateLimiter, ValkeyResults
from mockserver.state.snapshot import Snapshot
from mockserver.state.valkey import Valkey

if TYPE_CHECKING:
    from mockserver.metrics import Metrics

Progress = Callable[[str], None]


class World:
    """A server's state, built from settings and seed; `start` makes it ready, `close` frees it."""

    def __init__(self, settings: Settings) -> None:
        """Read the seed. Raises SeedError, RuntimeError for a store that cannot be used."""
        self.settings = settings
        self.base_url = ""  # where the server listens, told by whoever binds the socket
        self.tls_url: str | None = None  # likewise, for HTTPS
        self.ca_pem: bytes | None = None  # what a client trusts to use it
        self.hooks_pending = False  # calls are answered, but those of hooks alone should come
        self.ready = False
        self.pool = FusePool(MeshEngine, workers=settings.workers)
        self.bodies = MemoryBudget(settings.max_bodies_bytes)
        self.gallery = Gallery(settings)
        self.examiner = Examiner()
        self.known_faces = KnownFaces(settings.known_faces)
        self.metrics = _metrics(self.pool) if settings.metrics else None
        self.valkey = Valkey(settings.valkey_url) if settings.valkey_url else None
        self._begin(self._seed())

    def _seed(self) -> Seed:
        return load_seed(self.settings.seed or default_seed())

    def _begin(self, seed: Seed) -> None:
        settings = self.settings
        self.clocks = Clocks()
        self.clock = self.clocks.shared
        self.random = _random_source(settings.random_seed)
        # Servers that share counts must not give out the same ids.
        first_free = FIRST_FREE + (self.random.randrange(10**9) if self.valkey else 0)
        self.accounts = Accounts(seed, self.clocks, first_free=first_free)
        self.snapshots: dict[str, Snapshot] = {}
        self._ids = random.Random(self.random.getrandbits(128))  # need not be unguessable
        self.faults = Book(self.clock_of, self.random, seed.faults)
        self.journal = Journal(
            max_entries=settings.journal_entries, max_bytes=settings.journal_bytes
        )
        names = Names(clock_of=self.clock_of, random=self.random, days=settings.results_days)
        self._choose_stores(names)

    def _choose_stores(self, names: Names) -> None:
        """Keep counts and results in this server, or where several share them."""
        folder, most = self.settings.results_folder, self.settings.results_max_bytes
        if self.valkey is None:
            self.limiter: RateLimiter = MemoryRateLimiter()
            self.quotas: Quotas = MemoryQuotas()
            self.results: ResultStore = DirectoryResults(folder, names, max_bytes=most)
        else:
            self.limiter = ValkeyRateLimiter(self.valkey)
            self.quotas = ValkeyQuotas(self.valkey)
            self.results = ValkeyResults(self.valkey, names, max_bytes=most)

    async def start(self, progress: Progress = lambda _: None) -> None:
        """Load the model, prepare every material, open the result store.

        Raises SeedError, RuntimeError, OSError.
        """
        if self.valkey and not await self.valkey.is_reachable():
            raise RuntimeError(f"FACEFUSION_MOCK_VALKEY_URL: no answer from {self.valkey.address}")
        memory.share_one_heap()
        progress("loading the face model")
        await asyncio.to_thread(self.pool.warm)
        self.results.open()
        await self._prepare(self.gallery, self.accounts, progress)
        memory.settle()
        self.ready = True

    async def reset(self) -> None:
        """Put back everything that calls and tests changed: accounts, counts, clock, chance.

        Files are read again where they changed. Raises SeedError when the seed has become wrong
        since the start, ApiError when the store is out of reach; then nothing has changed.
        """
        seed, gallery = self._seed(), self.gallery.copy()
        await self._prepare(gallery, Accounts(seed))
        await self.limiter.clear()
        await self.quotas.clear()
        self.gallery = gallery
        self._begin(seed)
        self.results.open()
        self.forget_unused()

    async def restore(self, snapshot: Snapshot) -> None:
        """Put back accounts, rules and clocks; the rate windows begin anew.

        Raises ApiError when the store is out of reach; then nothing has changed.
        """
        await self.limiter.clear()
        await self.quotas.put(snapshot.accounts.projects())
        snapshot.set_clocks(self.clocks)
        self.accounts = snapshot.accounts.copy()
        self.faults = snapshot.book(self.clock_of, self.random)
        self.forget_unused()

    def discard(self, account: Account) -> None:
        """Throw an account away with its rules and what the journal has of it."""
        sandbox.clear_rules(account, self.faults)
        sandbox.clear_journal(account, self.journal)
        self.accounts.remove(account)
        self.forget_unused()

    def sweep(self) -> None:
        """Throw away the sandboxes that are over; the last account stays."""
        for account in self.accounts.all():
            if self.accounts.is_over(account) and len(self.accounts.all()) > 1:
                self.discard(account)

    def forget_unused(self) -> None:
        """Forget the pictures that no material shows any more, and the clocks of no key."""
        self.clocks.keep(self.accounts.secret_ids())
        holders = (self.accounts, *(snapshot.accounts for snapshot in self.snapshots.values()))
        self.gallery.keep({one.file for holder in holders for one in holder.materials()})

    def clock_of(self, secret_id: str) -> MockClock:
        """Return the clock that a key goes by; for an empty SecretId the server's."""
        return self.accounts.clock_of(secret_id)

    async def _prepare(
        self, gallery: Gallery, accounts: Accounts, progress: Progress = lambda _: None
    ) -> None:
        """Prepare each picture once, as many at a time as there are workers. Raises SeedError."""
        first: dict[Path, Material] = {}
        for material in accounts.materials():
            first.setdefault(material.file, material)
        free, done = asyncio.Semaphore(self.pool.workers), count(1)

        async def add(material: Material) -> None:
            async with free:
                await gallery.add(material, self.pool)
            progress(f"prepared {next(done)} of {len(first)} materials' pictures")

        outcomes = await asyncio.gather(*map(add, first.values()), return_exceptions=True)
        for mistake in filter(None, outcomes):  # of several, the seed's first
            raise mistake

    async def disconnect(self) -> None:
        """End the connections to the shared store; they belong to the event loop."""
        if self.valkey:
            await self.valkey.close()

    def close(self) -> None:
        """Stop the picture threads."""
        self.ready = False
        self.pool.close()
        self.examiner.close()

    def new_request_id(self) -> str:
        """Return a lower-case UUID of version 4; with a random seed, the same at each run."""
        digits = f"{self._ids.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) & 3]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )


def _metrics(pool: FusePool) -> "Metrics":
    try:
        from mockserver.metrics import Metrics
    except ImportError:
        raise RuntimeError(
            "FACEFUSION_MOCK_METRICS needs the library prometheus-client: "
            "pip install 'facefusion-mock[metrics]'"
        ) from None
    return Metrics(pool)


def _random_source(seed: int | None) -> random.Random:
    return random.SystemRandom() if seed is None else random.Random(seed)
