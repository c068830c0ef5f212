"""The accounts, and the way from a SecretId, a ProjectId or a ModelId to what it names."""

import copy
import re
from collections.abc import Iterator

from mockserver.state.clock import Clocks, MockClock
from mockserver.state.models import Account, Key, Material, PictureReview, Project, Seed

MAX_ACCOUNTS, MAX_KEYS = 10_000, 1_000  # keys by account; temporary ones are dropped oldest first
MAX_PROJECTS, MAX_MATERIALS = 1_000, 1_000  # projects by account, materials by project

DOCUMENTED_ID = re.compile(r"qc_(?P<activity>[A-Za-z0-9.-]{1,32})_(?P<n>\d{1,12})_(?P<m>\d{1,12})")
FIRST_FREE = 200_000  # ids that are given out begin here; until a reset, none is twice


class TakenError(Exception):
    """An id is in use, or there is no room for another."""


class Accounts:
    """Every account of a seed, indexed, and open to change.

    `sandboxes` holds the uins of those accounts that tests made for themselves, and when, by the
    clock of its first key, each is over; from then on its keys are unknown.
    """

    def __init__(
        self, seed: Seed, clocks: Clocks | None = None, *, first_free: int = FIRST_FREE
    ) -> None:
        self.limits = seed.limits
        self.sandboxes: dict[str, float | None] = {}
        self._clocks = clocks or Clocks()
        self._next_id = first_free
        self._reviews = {review.sha256: review for review in seed.reviews}
        self._accounts: dict[str, Account] = {}
        self._keys: dict[str, tuple[Account, Key]] = {}
        self._projects: dict[str, tuple[Account, Project]] = {}
        self._materials: dict[str, tuple[Project, Material]] = {}
        for account in seed.accounts:
            self.add(account)

    def copy(self) -> "Accounts":
        """Return the same accounts, which then change on their own, by the same clocks."""
        return copy.deepcopy(self, {id(self._clocks): self._clocks})

    def add(self, account: Account) -> None:
        """Add an account with all it has. Raises TakenError."""
        if account.uin in self._accounts or len(self._accounts) >= MAX_ACCOUNTS:
            raise TakenError(f"account {account.uin} exists already, or there are too many")
        self._accounts[account.uin] = account
        for key in account.keys:
            self._keys[key.secret_id] = account, key
        for project in account.projects:
            self._index(account, project)

    def remove(self, account: Account) -> None:
        """Forget an account with all it has."""
        del self._accounts[account.uin]
        self.sandboxes.pop(account.uin, None)
        for key in account.keys:
            del self._keys[key.secret_id]
        for project in list(account.projects):
            self.remove_project(account, project)

    def add_key(self, account: Account, key: Key) -> None:
        """Give an account a key; over the bound its oldest temporary key goes."""
        if len(account.keys) >= MAX_KEYS:
            temporary = [old for old in account.keys if old.token is not None]
            self.remove_key(account, (temporary or account.keys)[0])
        account.keys.append(key)
        self._keys[key.secret_id] = account, key

    def remove_key(self, account: Account, key: Key) -> None:
        """Forget a key."""
        account.keys.remove(key)
        del self._keys[key.secret_id]

    def add_project(self, account: Account, project: Project) -> None:
        """Give an account a project with its materials. Raises TakenError."""
        if project.id in self._projects or len(account.projects) >= MAX_PROJECTS:
            raise TakenError(f"project {project.id} exists already, or there are too many")
        account.projects.append(project)
        self._index(account, project)

    def remove_project(self, account: Account, project: Project) -> None:
        """Forget a project with its materials."""
        for material in list(project.materials):
            self.remove_material(project, material)
        account.projects.remove(project)
        del self._projects[project.id]

    def add_material(self, project: Project, material: Material) -> None:
        """Give a project a material. Raises TakenError."""
        if material.id in self._materials or len(project.materials) >= MAX_MATERIALS:
            raise TakenError(f"material {material.id} exists already, or there are too many")
        project.materials.append(material)
        self._materials[material.id] = project, material

    def remove_material(self, project: Project, material: Material) -> None:
        """Forget a material."""
        project.materials.remove(material)
        del self._materials[material.id]

    def free_uin(self) -> str:
        """Return an account's id that was never in use."""
        self._next_id += 1
        while f"9{self._next_id:011}" in self._accounts:
            self._next_id += 1
        return f"9{self._next_id:011}"

    def free_project_id(self) -> str:
        """Return an id for a project that was never in use."""
        self._next_id += 1
        while str(self._next_id) in self._projects:
            self._next_id += 1
        return str(self._next_id)

    def free_material_id(self, project: Project) -> str:
        """Return an id `qc_<activity>_<n>_<m>` for one more material of a project."""
        activity = re.sub(r"[^A-Za-z0-9.-]", "-", project.id)[:32]
        known = [DOCUMENTED_ID.fullmatch(material.id) for material in project.materials]
        n = next((match["n"] for match in known if match), "1")
        m = max((int(match["m"]) for match in known if match), default=0) + 1
        while f"qc_{activity}_{n}_{m}" in self._materials:
            m += 1
        return f"qc_{activity}_{n}_{m}"

    def _index(self, account: Account, project: Project) -> None:
        self._projects[project.id] = account, project
        for material in project.materials:
            self._materials[material.id] = project, material

    def all(self) -> list[Account]:
        """Return every account, in the seed's order."""
        return list(self._accounts.values())

    def any(self) -> Account:
        """Return the account that calls act for when signatures are not verified: the first."""
        return next(iter(self._accounts.values()))

    def by_uin(self, uin: str) -> Account | None:
        """Return an account."""
        return self._accounts.get(uin)

    def by_secret_id(self, secret_id: str) -> tuple[Account, Key] | None:
        """Return a key and its account; not that of a sandbox that is over."""
        found = self._keys.get(secret_id)
        return None if found and self.is_over(found[0]) else found

    def is_over(self, account: Account) -> bool:
        """Tell whether this is a sandbox whose time is over."""
        end = self.sandboxes.get(account.uin)
        if end is None:
            return False
        first = account.keys[0].secret_id if account.keys else ""
        return self.clock_of(first).now() >= end

    def clock_of(self, secret_id: str) -> MockClock:
        """Return the clock that a key goes by: its own, its issuer's, or the server's."""
        _, key = self._keys.get(secret_id, (None, None))
        return self._clocks.of(secret_id, key.issued_by if key else None)

    def secret_ids(self) -> Iterator[str]:
        """Yield every SecretId."""
        return iter(self._keys)

    def secret_keys(self) -> list[str]:
        """Return every secret key."""
        return [key.secret_key for _, key in self._keys.values()]

    def project(self, account: Account, project_id: str) -> Project | None:
        """Return a project of this account; another's is unknown to it."""
        owner, project = self._projects.get(project_id, (None, None))
        return project if owner is account else None

    def owned_project(self, project_id: str) -> tuple[Account, Project] | None:
        """Return a project and its account."""
        return self._projects.get(project_id)

    def material(self, model_id: str) -> tuple[Project, Material] | None:
        """Return a material and its project."""
        return self._materials.get(model_id)

    def projects(self) -> list[Project]:
        """Return every project."""
        return [project for _, project in self._projects.values()]

    def materials(self) -> Iterator[Material]:
        """Yield every material."""
        return (material for _, material in self._materials.values())

    def review(self, sha256: str) -> PictureReview | None:
        """Return what the seed says of a user picture with this hash."""
        return self._reviews.get(sha256)
