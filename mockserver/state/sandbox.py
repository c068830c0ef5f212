"""Sandboxes: accounts that tests make for themselves, with copies of another's projects."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mockserver.faults.book import Book
from mockserver.faults.rule import Match
from mockserver.state.accounts import DOCUMENTED_ID, Accounts
from mockserver.state.journal import Filter, Journal
from mockserver.state.models import Account, Material, Project


@dataclass(frozen=True)
class Copied:
    """A project's copy, and its materials' new ids by the original ones."""

    project: Project
    materials: dict[str, str] = field(default_factory=dict)


def copy_project(original: Project, new_id: str) -> Copied:
    """Copy a project as it is now, with all its materials, under new ids."""
    project = original.model_copy(update={"id": new_id, "materials": []})
    copied = Copied(project)
    names = _new_ids(original.materials, new_id)
    for material, name in zip(original.materials, names, strict=True):
        project.materials.append(material.model_copy(deep=True, update={"id": name}))
        copied.materials[material.id] = name
    return copied


def _new_ids(materials: Iterable[Material], project_id: str) -> list[str]:
    """Return `qc_<activity>_<n>_<m>` with the originals' n and m; other ids are numbered."""
    names: list[str] = []
    for number, material in enumerate(materials, 1):
        match = DOCUMENTED_ID.fullmatch(material.id)
        n, m = (match["n"], match["m"]) if match else ("0", str(number))
        while f"qc_{project_id}_{n}_{m}" in names:  # the originals may differ in activity alone
            n = str(int(n) + 1)
        names.append(f"qc_{project_id}_{n}_{m}")
    return names


def is_taken(copied: Copied, accounts: Accounts) -> bool:
    """Tell whether one of the new materials has an id that is in use."""
    return any(accounts.material(name) for name in copied.materials.values())


def clear_rules(account: Account, book: Book) -> None:
    """Forget the rules for an account's keys, projects or materials."""
    keys = {key.secret_id for key in account.keys}
    projects = {project.id for project in account.projects}
    materials = {one.id for project in account.projects for one in project.materials}

    def is_its(match: Match) -> bool:
        has = match.secret_id in keys or match.project in projects
        return has or match.material in materials

    for name, entry in book.items():
        if is_its(entry.rule.match):
            book.remove(name)


def clear_journal(account: Account, journal: Journal) -> None:
    """Forget the calls that were made with an account's keys."""
    for key in account.keys:
        journal.clear(Filter(key=key.secret_id))
