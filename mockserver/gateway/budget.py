"""A bound on the memory that the bodies of all requests under way take."""

import asyncio
from collections import deque


class MemoryBudget:
    """Bytes that requests borrow before they read their body, first come first served."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def borrow(self, size: int) -> "Loan":
        """Return a context that holds `size` bytes, which may not exceed the budget.

        To enter it waits until they are free.
        """
        return Loan(self, size)

    async def take(self, size: int) -> None:
        """Hold `size` bytes from now on, waiting until they are free."""
        if self._waiting or size > self._free:
            await self._wait(size)
        else:
            self._free -= size

    def give_back(self, size: int) -> None:
        """Let others have `size` bytes."""
        self._free += size
        while self._waiting and self._waiting[0][0] <= self._free:
            wanted, turn = self._waiting.popleft()
            if not turn.done():  # a cancelled waiter takes nothing
                self._free -= wanted
                turn.set_result(None)

    async def _wait(self, size: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        entry = (size, turn)
        self._waiting.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            granted = turn.done() and not turn.cancelled()
            if entry in self._waiting:
                self._waiting.remove(entry)
            self.give_back(size if granted else 0)
            raise


class Loan:
    """Bytes held while its block runs.

    A class, since a generator's context costs a refused call a tenth of its time.
    """

    __slots__ = ("_budget", "_size")

    def __init__(self, budget: MemoryBudget, size: int) -> None:
        self._budget, self._size = budget, size

    async def __aenter__(self) -> None:
        await self._budget.take(self._size)

    async def __aexit__(self, *_: object) -> None:
        self._budget.give_back(self._size)
