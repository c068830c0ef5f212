"""The accounts, and the way from a SecretId, a ProjectId or a ModelId to what it names."""

from collections.abc import Iterator

from mockserver.state.models import Account, Key, Material, PictureReview, Project, Seed


class Accounts:
    """Every account of a seed, indexed."""

    def __init__(self, seed: Seed) -> None:
        self._accounts = seed.accounts
        self.limits = seed.limits
        self._reviews = {review.sha256: review for review in seed.reviews}
        self._keys = {
            key.secret_id: (account, key) for account in seed.accounts for key in account.keys
        }
        self._projects = {
            project.id: (account, project)
            for account in seed.accounts
            for project in account.projects
        }
        self._materials = {
            material.id: (project, material) for project, material in self.materials()
        }

    def any(self) -> Account:
        """Return the account that calls act for when signatures are not verified: the first."""
        return self._accounts[0]

    def by_secret_id(self, secret_id: str) -> tuple[Account, Key] | None:
        """Return a key and its account."""
        return self._keys.get(secret_id)

    def project(self, account: Account, project_id: str) -> Project | None:
        """Return a project of this account; another's is unknown to it."""
        owner, project = self._projects.get(project_id, (None, None))
        return project if owner is account else None

    def material(self, model_id: str) -> tuple[Project, Material] | None:
        """Return a material and its project."""
        return self._materials.get(model_id)

    def materials(self) -> Iterator[tuple[Project, Material]]:
        """Yield every material with its project."""
        for account in self._accounts:
            for project in account.projects:
                for material in project.materials:
                    yield project, material

    def review(self, sha256: str) -> PictureReview | None:
        """Return what the seed says of a user picture with this hash."""
        return self._reviews.get(sha256)
