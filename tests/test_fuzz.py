"""Some thousand of the fuzzer's requests; `python -m tests.fuzz 100000` sends more."""

from tests.fuzz import MAKERS, case_of, run

COUNT, SEED = 4000, 1


def test_whatever_comes_is_answered_and_nothing_breaks() -> None:
    report = run(COUNT, SEED)
    assert not report.failures, "\n\n".join(report.failures)
    assert sum(report.kinds.values()) == COUNT
    assert len(report.kinds) >= len(MAKERS) - 4  # signed ones go by one name
    assert {"closed", "400", "InvalidParameterValue.ActivityIdNotFound"} <= set(report.outcomes)


def test_a_request_is_the_same_each_time() -> None:
    assert [case_of(SEED, number) for number in range(200)] == [
        case_of(SEED, number) for number in range(200)
    ]
