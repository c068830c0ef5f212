"""How many calls projects have left, where that is bounded."""

from collections.abc import Sequence
from typing import Protocol

from mockserver.state.models import Project


class Quotas(Protocol):
    """Counts down from each project's `quota`; none is no end.

    Every method raises ApiError FailedOperation.ServerError when the counts are out of reach.
    """

    async def left(self, projects: Sequence[Project]) -> list[int | None]:
        """Return what each of these projects has left."""

    async def take(self, project: Project) -> bool:
        """Take one call of what a project has left; False when that is nothing."""

    async def put(self, projects: Sequence[Project]) -> None:
        """Let each of these projects have its `quota` left from now on."""

    async def clear(self) -> None:
        """Forget what was taken, as far as it is not in the projects themselves."""


class MemoryQuotas:
    """The projects themselves hold what they have left."""

    async def left(self, projects: Sequence[Project]) -> list[int | None]:
        """Return what each of these projects has left."""
        return [project.quota for project in projects]

    async def take(self, project: Project) -> bool:
        """Take one call of what a project has left; False when that is nothing."""
        if project.quota == 0:
            return False
        if project.quota is not None:
            project.quota -= 1
        return True

    async def put(self, projects: Sequence[Project]) -> None:
        """Do nothing: each has its `quota`."""

    async def clear(self) -> None:
        """Do nothing: the projects are all there is."""
