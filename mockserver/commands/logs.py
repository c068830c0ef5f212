"""How the server logs: a line a call, cheaply; as text, or as JSON for collectors."""

import json
import logging
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Literal, TextIO

_GATHERED_SECONDS = 0.05


class CheapFormatter(logging.Formatter):
    """Writes the time once a second; formatting it for each line takes as long as all the rest."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._second = -1
        self._text = ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Return the record's local time, to the second."""
        second = int(record.created)
        if second != self._second:
            self._text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
            self._second = second
        return self._text


class JsonFormatter(logging.Formatter):
    """Writes an object a line: time in UTC, level, message, and a call's facts by their names.

    The facts are those that `extra={"fields": ...}` carries.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, in ASCII, so that nothing a caller sends can break it."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class GatheringHandler(logging.StreamHandler[TextIO]):
    """Writes the lines of 50 ms at once, and a warning with all before it without delay.

    To write each line by itself costs a refused call a sixth of its time.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: list[str] = []
        self._some = threading.Event()
        threading.Thread(target=self._write_on, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; the lock of `handle` is held."""
        try:
            self._lines.append(self.format(record) + self.terminator)
        except Exception:  # noqa: BLE001  so the standard library's handlers
            self.handleError(record)
        if record.levelno >= logging.WARNING:
            self.flush()
        elif len(self._lines) == 1:
            self._some.set()

    def flush(self) -> None:
        """Write what was gathered."""
        with self.lock or threading.RLock():
            lines, self._lines = self._lines, []
            if lines:
                self.stream.write("".join(lines))
            super().flush()

    def _write_on(self) -> None:
        while self._some.wait():
            self._some.clear()
            time.sleep(_GATHERED_SECONDS)
            self.flush()


def log_to_stderr(level: str, form: Literal["text", "json"]) -> None:
    """Log to standard error from this level on."""
    # What no line shows need not be found out for each; so the standard library's manual.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = GatheringHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else CheapFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])
