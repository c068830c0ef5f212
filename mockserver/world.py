"""Everything that one server knows and holds; there are no module globals beside it."""

import asyncio
import random
from collections.abc import Callable
from functools import partial

from mockserver import memory
from mockserver.faults.book import Book
from mockserver.gateway.budget import MemoryBudget
from mockserver.gateway.examiner import Examiner
from mockserver.gateway.ratelimit import MemoryRateLimiter, RateLimiter
from mockserver.imaging.face import MediaPipeEngine
from mockserver.imaging.pool import FusePool
from mockserver.materials import Gallery
from mockserver.settings import Settings
from mockserver.state.accounts import Accounts
from mockserver.state.clock import MockClock
from mockserver.state.journal import Journal
from mockserver.state.results import DirectoryResults, ResultStore
from mockserver.state.seed import default_seed, load_seed

Progress = Callable[[str], None]


class World:
    """A server's state, built from settings and seed; `start` makes it ready, `close` frees it."""

    def __init__(self, settings: Settings) -> None:
        """Read the seed. Raises SeedError."""
        self.settings = settings
        self.base_url = ""  # where the server listens, told by whoever binds the socket
        self.ready = False
        self.pool = FusePool(
            partial(MediaPipeEngine, clear_score=settings.weak_face_score),
            workers=settings.workers,
        )
        self.bodies = MemoryBudget(settings.max_bodies_bytes)
        self.gallery = Gallery(settings)
        self.examiner = Examiner()
        self._begin()

    def _begin(self) -> None:
        settings = self.settings
        seed = load_seed(settings.seed or default_seed())
        self.accounts = Accounts(seed)
        self.clock = MockClock()
        self.random = _random_source(settings.random_seed)
        self._ids = random.Random(self.random.getrandbits(128))  # need not be unguessable
        self.limiter: RateLimiter = MemoryRateLimiter(self.clock)
        self.faults = Book(self.clock, self.random, seed.faults)
        self.journal = Journal(
            max_entries=settings.journal_entries, max_bytes=settings.journal_bytes
        )
        self.results: ResultStore = DirectoryResults(
            settings.results_folder,
            clock=self.clock,
            random=self.random,
            days=settings.results_days,
            max_bytes=settings.results_max_bytes,
        )

    async def start(self, progress: Progress = lambda _: None) -> None:
        """Load the model, prepare every material, open the result store.

        Raises SeedError, RuntimeError, OSError.
        """
        memory.keep_picture_memory()
        progress("loading the face model")
        await asyncio.to_thread(self.pool.warm)
        await self._prepare(progress)
        memory.return_unused()
        self.ready = True

    async def reset(self) -> None:
        """Put back everything that calls and tests changed: accounts, counts, clock, chance.

        Raises SeedError when the seed has become wrong since the start.
        """
        self._begin()
        await self._prepare(lambda _: None)

    async def _prepare(self, progress: Progress) -> None:
        self.results.open()
        materials = list(self.accounts.materials())
        for number, material in enumerate(materials, 1):
            progress(f"preparing material {number} of {len(materials)}: {material.id}")
            await self.gallery.add(material, self.pool)

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


def _random_source(seed: int | None) -> random.Random:
    return random.SystemRandom() if seed is None else random.Random(seed)
