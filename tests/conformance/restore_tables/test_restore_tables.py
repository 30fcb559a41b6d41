"""Velero's own tables: whole restores against an API server in memory, and single decisions."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

import pytest

from tests.support.golden_expected import TABLES, Expectation, expectations
from tests.support.golden_report import DIFFERS, WAITS, Line
from tests.support.tables_cases import TableCase, table_cases
from tests.support.tables_run import check_case

_SUITE = "restore tables"
_NOTHING = "nothing even without it"
_CASES = table_cases()


@pytest.mark.skipif(not _CASES, reason="the tables are not in this repository")
@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_table(
    case: TableCase,
    compatibility: str,
    concurrency: int,
    observed: bool,
    report_line: Callable[[Line], None],
) -> None:
    started = time.monotonic()
    known = expectations(TABLES).get(case.name, Expectation())
    complete = observed or bool(known.by_rule)
    failures = _failures(case, known, compatibility, concurrency, complete)
    verdict, note = known.verdict(failures, compatibility)
    if known.waits:
        # What the missing part would be given is not: such a case waits, equal or not.
        verdict, note = WAITS, note or _NOTHING
    seconds = time.monotonic() - started
    report_line(Line(_SUITE, case.name, verdict, known.waits, note, seconds))
    if verdict == WAITS and failures:
        pytest.xfail(f"waits for {known.waits}; {note}")
    if verdict == DIFFERS:
        text = "\n  ".join([note, *failures])
        pytest.fail(f"{case.data['name']}:\n  {text}", pytrace=False)


def test_expectations_are_about_cases() -> None:
    names = {case.name for case in _CASES}
    assert not _CASES or set(expectations(TABLES)) <= names


def _failures(
    case: TableCase, known: Expectation, compatibility: str, concurrency: int, observed: bool
) -> list[str]:
    try:
        return check_case(
            case, compatibility=compatibility, concurrency=concurrency, observed=observed
        )
    except Exception:
        if known.waits:
            return [traceback.format_exc(limit=-1)]
        raise
