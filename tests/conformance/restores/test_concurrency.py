"""How many items are restored at once makes no difference to what is left behind."""

from __future__ import annotations

import pytest

from tests.support.golden_data import GoldenCase, golden_cases, missing_data
from tests.support.golden_expected import expectations
from tests.support.golden_run import differences_between

from .conftest import RunCase

_EXPECTED = expectations()
_CASES = golden_cases()
# A large mixed backup, whatever of it still differs from Velero.
_ALWAYS = ("b1-default",)


def _compared(case: GoldenCase) -> bool:
    return case.name in _ALWAYS or not _EXPECTED[case.name].waits


_COMPARED = [case for case in _CASES if _compared(case)]


@pytest.mark.parametrize("case", _COMPARED, ids=lambda case: case.name)
def test_one_worker_does_as_sixteen(case: GoldenCase, run: RunCase) -> None:
    if reason := missing_data(case):
        pytest.skip(reason)
    assert differences_between(case, run(case, 1), run(case, 16)) == []


@pytest.mark.long
@pytest.mark.parametrize("workers", (4, 32))
@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_any_number_of_workers_does_as_one(
    case: GoldenCase, workers: int, run: RunCase, matrix: bool
) -> None:
    if not matrix:
        pytest.skip("only with --matrix")
    if reason := missing_data(case):
        pytest.skip(reason)
    assert differences_between(case, run(case, 1), run(case, workers)) == []
