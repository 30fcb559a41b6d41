"""Real backups restored into real clusters, compared with what Velero did."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.golden_data import GoldenCase, golden_cases, missing_data
from tests.support.golden_expected import Expectation
from tests.support.golden_report import DIFFERS, SKIPPED, WAITS, Line
from tests.support.golden_run import CaseOutcome

from .conftest import RunCase

_SUITE = "restores"
_MANY = 25
_CASES = golden_cases()


def test_every_case_is_in_the_table(expected: dict[str, Expectation]) -> None:
    assert {case.name for case in _CASES} <= expected.keys()


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_restore(
    case: GoldenCase,
    run: RunCase,
    expected: dict[str, Expectation],
    compatibility: str,
    concurrency: int,
    report_line: Callable[[Line], None],
) -> None:
    known = expected[case.name]
    missing = missing_data(case)
    if missing:
        report_line(Line(_SUITE, case.name, SKIPPED, known.waits, missing))
        pytest.skip(missing)
    outcome = run(case, concurrency)
    verdict, note = known.verdict(outcome.verdict.lines, compatibility)
    report_line(Line(_SUITE, case.name, verdict, known.waits, note, outcome.seconds))
    if verdict == WAITS:
        pytest.xfail(f"waits for {known.waits}; {note}")
    if verdict == DIFFERS:
        pytest.fail(f"{note}\n{_explained(outcome)}", pytrace=False)


def _explained(outcome: CaseOutcome) -> str:
    lines = outcome.verdict.lines
    text = [f"{len(lines)} differences from Velero:", *lines[:_MANY]]
    if len(lines) > _MANY:
        text.append(f"… {len(lines) - _MANY} more")
    return "\n  ".join(text)
