"""Hooks: a user's own programs, run once when the server answers, before it calls itself ready."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("facefusion_mock")

_PROGRAMS = {".sh": "sh", ".py": sys.executable}
_MOST_OUTPUT = 64 * 1024  # bytes of a hook's output that are logged


class HookError(RuntimeError):
    """A hook failed, so the server must not become ready; the text says so in one line."""


async def run_hooks(folder: Path, *, endpoint: str, seconds: float) -> None:
    """Run a folder's `*.sh` and `*.py` one after another, in the order of their names.

    Each has the server's environment, in which FACEFUSION_MOCK_ENDPOINT is the server's address,
    and some seconds; what it prints is logged. Raises HookError, OSError.
    """
    environment = {**os.environ, "FACEFUSION_MOCK_ENDPOINT": endpoint}
    for file in sorted(folder.iterdir()):
        if file.suffix in _PROGRAMS:
            await _run(file, environment, seconds)
        else:
            log.warning("hook %s is passed over: it is neither *.sh nor *.py", file.name)


async def _run(hook: Path, environment: Mapping[str, str], seconds: float) -> None:
    log.info("hook %s runs", hook.name)
    process = await asyncio.create_subprocess_exec(
        _PROGRAMS[hook.suffix],
        hook,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
        start_new_session=True,  # so that what it starts can be ended with it
    )
    output = bytearray()
    try:
        async with asyncio.timeout(seconds):
            await _read(process, output)
            status = await process.wait()
    except TimeoutError:
        raise HookError(f"hook {hook} took more than {seconds:g} s") from None
    finally:
        _end(process)
        for line in output.decode("utf-8", "replace").splitlines():
            log.info("hook %s: %s", hook.name, line)
    if status != 0:
        raise HookError(f"hook {hook} ended with status {status}; the log has what it printed")


async def _read(process: asyncio.subprocess.Process, output: bytearray) -> None:
    """Read to the end, but keep no more than is logged."""
    assert process.stdout is not None  # noqa: S101  it is a pipe
    while chunk := await process.stdout.read(_MOST_OUTPUT):
        output += chunk[: _MOST_OUTPUT - len(output)]


def _end(process: asyncio.subprocess.Process) -> None:
    """End a hook that still runs, and on POSIX what it has started."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
