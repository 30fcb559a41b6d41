# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of docs/compatibility.md, and the cases and tests that cite them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.golden_expected import RESTORES, SAFE, TABLES, Expectation, expectations
from tests.support.golden_report import BY_RULE, DIFFERS, EQUAL, WAITS, Line, markdown, summary

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "compatibility.md"
MOST = 10


def rows() -> dict[str, list[str]]:
    """The cells of each rule, by its name."""
    found = re.findall(r"^\| ([CD]\d+) \|(.*)\|$", PAGE.read_text(), re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split(" | ")] for name, cells in found}


def cited_by_cases() -> set[str]:
    suites = (RESTORES, TABLES)
    return {
        rule for suite in suites for one in expectations(suite).values() for rule in one.by_rule
    }


def cited_by_tests() -> Iterator[str]:
    for path in TESTS.rglob("test_*.py"):
        yield from re.findall(r"pytest\.mark\.rule\(\"([CD]\d+)\"\)", path.read_text())


def test_there_are_few_rules_and_each_says_why() -> None:
    rules = [name for name in rows() if name.startswith("C")]
    assert rules == [f"C{number}" for number in range(1, len(rules) + 1)]
    assert len(rules) <= MOST
    for name, (velero, ours, why, _strict) in rows().items():
        assert all((velero, ours, why)), name


def test_every_citation_is_a_rule_and_every_rule_is_cited() -> None:
    rules = {name for name in rows() if name.startswith("C")}
    assert cited_by_cases() <= set(rows())
    assert set(cited_by_tests()) <= set(rows())
    assert rules <= cited_by_cases() | set(cited_by_tests())


KNOWN = Expectation(by_rule={"C1": {"list: missing *(failed)": 2, "warnings [x]: *": 1}})
SAID = ["list: missing a(failed)", "list: missing b(failed)", "warnings [x]: expected 2"]


@pytest.mark.parametrize(
    ("known", "lines", "mode", "verdict"),
    [
        pytest.param(Expectation(), [], SAFE, EQUAL, id="equal"),
        pytest.param(Expectation(), ["a"], SAFE, DIFFERS, id="differs"),
        pytest.param(Expectation(waits="x"), ["a"], SAFE, WAITS, id="waits"),
        pytest.param(Expectation(waits="x"), [], SAFE, EQUAL, id="waits-no-more"),
        pytest.param(KNOWN, SAID, SAFE, BY_RULE, id="as-the-rule-says"),
        pytest.param(KNOWN, [], SAFE, DIFFERS, id="the-rule-is-not-followed"),
        pytest.param(KNOWN, SAID[:2], SAFE, DIFFERS, id="less-than-the-rule-says"),
        pytest.param(KNOWN, [*SAID, "other"], SAFE, DIFFERS, id="more-than-the-rule-says"),
        pytest.param(KNOWN, [*SAID, SAID[0]], SAFE, DIFFERS, id="more-often"),
        pytest.param(KNOWN, SAID, "strict", DIFFERS, id="strict-knows-no-rule"),
        pytest.param(KNOWN, [], "strict", EQUAL, id="strict-is-equal"),
    ],
)
def test_verdicts(known: Expectation, lines: list[str], mode: str, verdict: str) -> None:
    assert known.verdict(lines, mode)[0] == verdict


def test_the_report_names_what_is_open() -> None:
    lines = [
        Line("restores", "a", EQUAL, mode=SAFE),
        Line("restores", "b", BY_RULE, note="C1", mode=SAFE),
        Line("restores", "c", WAITS, "hooks", "no hook", mode="strict"),
    ]
    assert summary(lines) == [
        "restores (safe): 1 equal, 1 by rule (C1: 1), 0 open",
        "restores (strict): 0 equal, 0 by rule, 1 open",
        "  open: c waits for hooks: no hook",
    ]
    text = markdown(lines)
    assert "- restores (strict): c waits for hooks: no hook" in text
    assert "| b | by rule | C1 | 0.0 |" in text
