"""The accounts, and the way from a SecretId, a ProjectId or a ModelId to what it names."""

from collections.abc import Iterator

from mockserver.state.models import Account, Key, Material, PictureReview, Project, Seed

MAX_ACCOUNTS, MAX_KEYS = 10_000, 1_000  # keys by account; temporary ones are dropped oldest first


class TakenError(Exception):
    """An id is in use, or there is no room for another."""


class Accounts:
    """Every account of a seed, indexed, and open to change."""

    def __init__(self, seed: Seed) -> None:
        self.limits = seed.limits
        self._reviews = {review.sha256: review for review in seed.reviews}
        self._accounts: dict[str, Account] = {}
        self._keys: dict[str, tuple[Account, Key]] = {}
        self._projects: dict[str, tuple[Account, Project]] = {}
        self._materials: dict[str, tuple[Project, Material]] = {}
        for account in seed.accounts:
            self.add(account)

    def add(self, account: Account) -> None:
        """Add an account with all it has. Raises TakenError."""
        if account.uin in self._accounts or len(self._accounts) >= MAX_ACCOUNTS:
            raise TakenError(f"account {account.uin} exists already, or there are too many")
        self._accounts[account.uin] = account
        for key in account.keys:
            self._keys[key.secret_id] = account, key
        for project in account.projects:
            self._projects[project.id] = account, project
            for material in project.materials:
                self._materials[material.id] = project, material

    def remove(self, account: Account) -> None:
        """Forget an account with all it has."""
        del self._accounts[account.uin]
        for key in account.keys:
            del self._keys[key.secret_id]
        for project in account.projects:
            del self._projects[project.id]
            for material in project.materials:
                del self._materials[material.id]

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
        """Return a key and its account."""
        return self._keys.get(secret_id)

    def secret_keys(self) -> list[str]:
        """Return every secret key."""
        return [key.secret_key for _, key in self._keys.values()]

    def project(self, account: Account, project_id: str) -> Project | None:
        """Return a project of this account; another's is unknown to it."""
        owner, project = self._projects.get(project_id, (None, None))
        return project if owner is account else None

    def material(self, model_id: str) -> tuple[Project, Material] | None:
        """Return a material and its project."""
        return self._materials.get(model_id)

    def materials(self) -> Iterator[Material]:
        """Yield every material."""
        return (material for _, material in self._materials.values())

    def review(self, sha256: str) -> PictureReview | None:
        """Return what the seed says of a user picture with this hash."""
        return self._reviews.get(sha256)
