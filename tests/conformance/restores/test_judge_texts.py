"""The judge of descriptions and logs: silent when they are as recorded, and not otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.golden_data import ExpectedRun, GoldenCase, golden_cases
from tests.support.golden_describe import judge_description, recorded_facts
from tests.support.golden_log import entries, judge_log

RUNS = [(case, run) for case in golden_cases() for run in case.runs]
LOGGED = [run for _case, run in RUNS if run.log]


def text_of(run: ExpectedRun) -> str:
    """The recorded lines as a log."""
    return "".join(
        f'time="2026-01-01T00:00:00Z" level={level} msg="{_escaped(text)}" restore=velero/x\n'
        for level, _space, text in (line.partition(" ") for line in run.log)
    )


def _escaped(text: str) -> str:
    kept = text.replace("\\n", "\n")
    return kept.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


@pytest.mark.parametrize(("case", "run"), RUNS, ids=[run.name for _case, run in RUNS])
def test_recorded_descriptions_are_equal(case: GoldenCase, run: ExpectedRun) -> None:
    facts = recorded_facts(run, case.velero_objects)
    assert judge_description(run, facts) == []
    other = {**run.restore, "spec": {**run.restore["spec"], "existingResourcePolicy": "other"}}
    assert len(judge_description(run, replace(facts, restore=other))) == 2


@pytest.mark.parametrize("run", LOGGED, ids=[run.name for run in LOGGED])
def test_recorded_logs_are_equal(run: ExpectedRun) -> None:
    log = text_of(run)
    assert judge_log(run, log) == []
    assert judge_log(run, log.replace("restore completed", "ended")) == [
        "missing info restore completed"
    ]
    louder = log.replace('level=info msg="starting', 'level=error msg="starting')
    assert judge_log(run, louder) == [
        "missing info starting restore",
        "extra error starting restore",
    ]


def test_of_the_progress_every_line_counts_in_one_namespace() -> None:
    run = next(run for run in LOGGED if run.name == "b1-included-ns")
    log = text_of(run)
    assert judge_log(run, log.replace("Restored 7 items", "Restored 6 items"))


def test_a_line_of_another_form() -> None:
    with pytest.raises(ValueError, match="no line of a restore log"):
        entries("restore completed\n")
