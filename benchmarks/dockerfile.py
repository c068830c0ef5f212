"""Runs a Dockerfile's instructions in folders with chroot, where there is no container engine.

No layers, no cache, and of the instructions only those that this project uses.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Of the surroundings, what package clients need to reach their index.
_PASSED = ("PIP_CERT", "PIP_DEFAULT_TIMEOUT", "PIP_INDEX_URL", "http_proxy", "https_proxy")

SYSTEM = (("-t", "proc", "proc", "/proc"), ("--bind", "/dev", "/dev"))


@dataclass
class Stage:
    """A stage's file system, and what its image would carry."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    args: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0:0"
    volumes: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    @property
    def going(self) -> list[str]:
        """What goes to the working folder and runs what follows there."""
        return ["sh", "-c", 'cd "$1" && shift && exec "$@"', "-", self.workdir]

    def inside(self, path: str) -> Path:
        """A path in the container as one of this machine."""
        absolute = Path(self.workdir) / path
        return self.root / absolute.relative_to("/")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Each instruction with what follows it, comments left out and lines joined."""
    kept = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in "\n".join(kept).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def context(folder: Path) -> list[str]:
    """The files under version control that .dockerignore lets into the build."""
    listed = subprocess.run(["git", "ls-files"], cwd=folder, capture_output=True, check=True)
    rules = [
        line.strip()
        for line in (folder / ".dockerignore").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    return [name for name in listed.stdout.decode().splitlines() if _is_sent(name, rules)]


def _is_sent(name: str, rules: list[str]) -> bool:
    """The last rule that fits the file or one of its folders decides."""
    candidates = (name, *(str(parent) for parent in Path(name).parents))
    sent = True
    for rule in rules:
        if any(_fits(one, rule.removeprefix("!")) for one in candidates):
            sent = rule.startswith("!")
    return sent


def _fits(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch(Path(path).name, pattern.removeprefix("**/"))
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch, parts, wanted))


@contextmanager
def mounted(root: Path, *mounts: tuple[str, ...]) -> Iterator[None]:
    """Mount into a root, the last word of each being the place there, until the block is left."""
    places = [root / words[-1].lstrip("/") for words in mounts]
    with ExitStack() as undo:
        for words, place in zip(mounts, places, strict=True):
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()
            subprocess.run(["mount", *words[:-1], place], check=True)
            undo.callback(_unmount, place)
        yield


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", place], check=True)


class Build:
    """Builds the stages of one Dockerfile from one base, each in a folder of its own."""

    def __init__(self, folder: Path, work: Path, base: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._work = work
        self._base = base
        self._say = say
        self._stages: dict[str, Stage] = {}
        self._args: dict[str, str] = {}

    def run(self) -> Stage:
        """Run every instruction; return the last stage."""
        stage = None
        for word, rest in instructions((self._folder / "Dockerfile").read_text("utf-8")):
            self._say(f"{word} {rest[:100]}")
            if word == "FROM":
                stage = self._begin(rest)
            elif stage is None:
                name, _, value = rest.partition("=")
                self._args[name] = value
            else:
                self._follow(stage, word, rest)
        assert stage is not None
        return stage

    def _begin(self, rest: str) -> Stage:
        name = rest.split(" AS ")[1] if " AS " in rest else "last"
        root = self._work / name
        subprocess.run(["cp", "-a", "--reflink=auto", self._base, root], check=True)
        self._stages[name] = Stage(root)
        return self._stages[name]

    def _follow(self, stage: Stage, word: str, rest: str) -> None:
        if word == "ENV":
            for pair in shlex.split(rest):
                name, _, value = pair.partition("=")
                stage.env[name] = _expand(value, stage.env)
        elif word == "ARG":
            stage.args[rest.partition("=")[0]] = rest.partition("=")[2]
        elif word == "WORKDIR":
            stage.workdir = rest
            stage.inside(".").mkdir(parents=True, exist_ok=True)
        elif word == "USER":
            stage.user = rest
        elif word == "VOLUME":
            stage.volumes.append(rest)
        elif word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
            _keep(stage, word, re.findall(r'"([^"]*)"', rest))
        elif word == "COPY":
            self._copy(stage, rest.split())
        elif word == "RUN":
            self._in(stage, ["/bin/sh", "-c", rest])
        elif word not in ("LABEL", "EXPOSE"):
            raise ValueError(f"{word} is not known here")

    def _copy(self, stage: Stage, words: list[str]) -> None:
        *sources, target = words
        if sources[0].startswith("--from="):
            from_root = self._stages[sources[0].partition("=")[2]].root
            source = from_root / sources[1].lstrip("/")
            shutil.copytree(source, stage.inside(target), symlinks=True)
            return
        for name in context(self._folder) if sources == ["."] else sources:
            to = stage.inside(target) / name
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self._folder / name, to)

    def _in(self, stage: Stage, words: list[str]) -> None:
        passed = {name: os.environ[name] for name in _PASSED if os.environ.get(name)}
        mounts = [*SYSTEM, ("--bind", "/etc/resolv.conf", "/etc/resolv.conf")]
        if certificate := passed.get("PIP_CERT"):
            mounts.append(("--bind", certificate, certificate))
        with mounted(stage.root, *mounts):
            subprocess.run(
                ["chroot", stage.root, *stage.going, *words],
                env={**stage.env, **passed},
                check=True,
            )


def _keep(stage: Stage, word: str, words: list[str]) -> None:
    if word == "ENTRYPOINT":
        stage.entrypoint = words
    elif word == "CMD":
        stage.command = words
    else:
        stage.health = words


def _expand(value: str, env: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: env.get(found[1], ""), value)
