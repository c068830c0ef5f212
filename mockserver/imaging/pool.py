"""The threads that make pictures, one face engine each."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import cv2
import numpy as np

from mockserver.errors import ApiError
from mockserver.imaging.face import Box, Candidate, FaceEngine
from mockserver.imaging.quiet import quiet_stderr

T = TypeVar("T")

_WARM_SIDE = 256


class FusePool:
    """Runs functions of a face engine on threads of its own.

    An engine is made by its thread and never leaves it, since an engine serves one thread.
    """

    def __init__(self, factory: Callable[[], FaceEngine], *, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._factory = factory
        self._local = threading.local()
        self._executor = ThreadPoolExecutor(self.workers, thread_name_prefix="fuse")
        self._under_way = 0  # counted in the event loop alone

    def warm(self) -> None:
        """Start every worker and run each engine once; blocks until all are ready.

        Raises what the factory raised.
        """
        # No task ends before all have begun, so each thread takes exactly one of them.
        together = threading.Barrier(self.workers)
        with quiet_stderr():
            tasks = [self._executor.submit(self._warm, together) for _ in range(self.workers)]
            for task in tasks:
                task.result()

    async def run(self, work: Callable[[FaceEngine], T]) -> T:
        """Call `work` with an engine on one of the threads.

        Raises what `work` raises, and ApiError FailedOperation.RpcFail when no engine can be
        made or the pool is closed.
        """
        try:
            future = self._executor.submit(self._call, work)
        except RuntimeError as closed:
            raise ApiError("FailedOperation.RpcFail") from closed
        self._under_way += 1
        try:
            return await asyncio.wrap_future(future)
        finally:
            self._under_way -= 1

    @property
    def waiting(self) -> int:
        """How many wait for a thread."""
        return max(0, self._under_way - self.workers)

    def close(self) -> None:
        """Finish what runs, drop what waits."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _call(self, work: Callable[[FaceEngine], T]) -> T:
        try:
            engine = self._engine()
        except Exception as error:
            raise ApiError("FailedOperation.RpcFail") from error
        return work(engine)

    def _warm(self, together: threading.Barrier) -> None:
        together.wait()
        engine = self._engine()
        blank = np.full((_WARM_SIDE, _WARM_SIDE, 3), 128, np.uint8)
        engine.detect(blank)
        engine.landmarks(blank, Candidate(Box(0, 0, _WARM_SIDE, _WARM_SIDE), 1.0))

    def _engine(self) -> FaceEngine:
        engine: FaceEngine | None = getattr(self._local, "engine", None)
        if engine is None:
            cv2.setNumThreads(1)  # the pool is what uses the cores
            engine = self._local.engine = self._factory()
        return engine
