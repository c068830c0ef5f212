"""How the server logs: a line a call, cheaply."""

import logging
import sys
import time


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


def log_to_stderr(level: str) -> None:
    """Log to standard error from this level on."""
    # What no line shows need not be found out for each; so the standard library's manual.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(CheapFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])
