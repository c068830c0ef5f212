"""The log's lines: gathered, whole and in order."""

import io
import logging

import pytest

from mockserver.commands.logs import GatheringHandler


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> logging.Logger:
    log = logging.Logger("a log of its own")
    log.addHandler(GatheringHandler(stream))
    return log


def test_a_warning_is_written_at_once_behind_what_came_before(
    log: logging.Logger, stream: io.StringIO
) -> None:
    log.info("first")
    log.warning("second")
    assert stream.getvalue() == "first\nsecond\n"


def test_nothing_is_lost_at_the_end(log: logging.Logger, stream: io.StringIO) -> None:
    for number in range(100):
        log.info("line %d", number)
    log.handlers[0].flush()
    assert stream.getvalue() == "".join(f"line {number}\n" for number in range(100))


def test_a_line_that_cannot_be_formatted_takes_no_other_along(
    log: logging.Logger, stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    log.info("a number: %d", "none")
    log.warning("the next")
    assert stream.getvalue() == "the next\n"
    assert "Logging error" in capsys.readouterr().err
