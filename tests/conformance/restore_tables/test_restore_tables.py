"""Velero's own tables: whole restores against an API server in memory, and single decisions."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

import pytest

from tests.support.golden_report import DIFFERS, EQUAL, WAITS, Line
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
    failures = _failures(case, compatibility, concurrency, observed)
    # What a missing part would be given is not: such a case counts as waiting, equal or not.
    verdict = WAITS if case.waits else DIFFERS if failures else EQUAL
    first = failures[0] if failures else _NOTHING if case.waits else ""
    report_line(Line(_SUITE, case.name, verdict, case.waits, first, time.monotonic() - started))
    if failures and case.waits:
        pytest.xfail(f"waits for {case.waits}; {first}")
    if failures:
        pytest.fail(f"{case.data['name']}:\n  " + "\n  ".join(failures), pytrace=False)


def _failures(case: TableCase, compatibility: str, concurrency: int, observed: bool) -> list[str]:
    try:
        return check_case(
            case, compatibility=compatibility, concurrency=concurrency, observed=observed
        )
    except Exception:
        if case.waits:
            return [traceback.format_exc(limit=-1)]
        raise
