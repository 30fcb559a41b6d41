"""How many items are restored at once makes no difference to what is left behind."""

from __future__ import annotations

import pytest

from tests.support.golden_data import GoldenCase, golden_cases, missing_data
from tests.support.golden_run import differences_between

from .conftest import RunCase

_CASES = golden_cases()
# Those that restore much or in a way of their own; all others with --matrix.
_OFTEN = (
    "b1-default",
    "b1-drifted-update",
    "b1-ns-mapping",
    "b4-default",
    "b5-corrupt-json",
    "b5-truncated",
)
_COMPARED = [case for case in _CASES if case.name in _OFTEN or case.refused]


@pytest.mark.parametrize("case", _COMPARED, ids=lambda case: case.name)
def test_one_worker_does_as_sixteen(case: GoldenCase, run: RunCase) -> None:
    if reason := missing_data(case):
        pytest.skip(reason)
    assert differences_between(case, run(case, 1), run(case, 16)) == []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All cases at 4, 16 and 32 workers, where that is asked for."""
    if "workers" in metafunc.fixturenames:
        wanted = _CASES if metafunc.config.getoption("--matrix", False) else []
        pairs = [(case, workers) for case in wanted for workers in (4, 16, 32)]
        ids = [f"{case.name}-{workers}" for case, workers in pairs]
        metafunc.parametrize(("case", "workers"), pairs, ids=ids)


@pytest.mark.long
def test_any_number_of_workers_does_as_one(case: GoldenCase, workers: int, run: RunCase) -> None:
    if reason := missing_data(case):
        pytest.skip(reason)
    assert differences_between(case, run(case, 1), run(case, workers)) == []
