"""The log's lines: gathered, whole and in order."""

import io
import json
import logging
from datetime import datetime

import httpx
import pytest

from mockserver.commands.logs import GatheringHandler, JsonFormatter
from mockserver.state.journal import Filter
from tests.live import PROJECT, Live, error_of, face_fusion


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


def test_a_call_is_one_json_object(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "facefusion_mock"):
        request_id = live.client().FaceFusion(face_fusion()).RequestId
    (line,) = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line.pop("milliseconds") > 0
    assert f"'FaceFusion' '{PROJECT}' OK" in line.pop("message")
    assert line == {
        "level": "info",
        "RequestId": request_id,
        "action": "FaceFusion",
        "code": "OK",
    }


def test_a_refused_signature_names_its_call(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    error_of(live.client(secret_key="wrong"), face_fusion())
    (request_id,) = [entry.request_id for entry in live.world.journal.select(Filter())]
    httpx.get(f"{live.url}/_mock/requests/{request_id}").raise_for_status()  # waits for it
    refused = [record for record in caplog.records if record.levelno == logging.WARNING]
    lines = [json.loads(JsonFormatter().format(record)) for record in refused]
    assert [line["code"] for line in lines] == ["AuthFailure.SignatureFailure"]
    assert lines[0]["RequestId"] in lines[0]["message"]


def test_no_text_and_no_exception_breaks_the_line(stream: io.StringIO) -> None:
    log = logging.Logger("a log of its own")
    log.addHandler(GatheringHandler(stream))
    log.handlers[0].setFormatter(JsonFormatter())
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception("人\ud800\n")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["message"] == "人\ud800\n"
    assert "two\nlines" in json.loads(line)["exception"]
