from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.waits.polling import poll
from tests.support.fake_clock import FakeClock


@pytest.mark.parametrize(
    ("answers", "timeout", "pauses", "done", "slept"),
    [
        pytest.param([True], 10, {}, True, [], id="at-once"),
        pytest.param([False, True], 10, {}, True, [1.0], id="after-a-second"),
        pytest.param([False] * 4, 2.5, {}, False, [1.0, 1.0, 0.5], id="timeout"),
        pytest.param([False, True], 0, {}, False, [], id="no-time-at-all"),
        pytest.param([True], 0, {}, True, [], id="done-needs-no-time"),
        pytest.param(
            [False] * 4 + [True],
            60,
            {"first_pause": 1.0, "longest_pause": 3.0},
            True,
            [1.0, 2.0, 3.0, 3.0],
            id="pauses-grow",
        ),
    ],
)
def test_poll(
    answers: list[bool], timeout: float, pauses: dict[str, float], done: bool, slept: list[float]
) -> None:
    clock, left = FakeClock(), iter(answers)
    assert poll(clock, lambda: next(left), timeout, **pauses) is done
    assert clock.slept == slept


def test_errors_pass_through() -> None:
    def fail() -> bool:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        poll(FakeClock(), fail, 1)
