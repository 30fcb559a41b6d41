"""What is known about the shared cases: which wait for something, which differ and by what rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import tomllib

from tests.support.golden_report import BY_RULE, DIFFERS, EQUAL, WAITS

CONFORMANCE = Path(__file__).resolve().parents[1] / "conformance"
RESTORES, TABLES = "restores", "restore_tables"
SAFE = "safe"


@dataclass(frozen=True)
class Expectation:
    """`waits` names the missing part; empty: the case must be equal.

    `count_messages`: of its results only the numbers are compared. `by_rule` holds, by rule of
    docs/compatibility.md, the differences from Velero that the default compatibility must show:
    patterns of difference lines (`*` stands for anything) and how many lines each must meet.
    """

    waits: str = ""
    count_messages: bool = False
    by_rule: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def verdict(self, lines: list[str], compatibility: str) -> tuple[str, str]:
        """The verdict on these differences from Velero, and what is to be said about it."""
        first = lines[0] if lines else ""
        if self.waits:
            return (WAITS, first) if lines else (EQUAL, "")
        rules = self.by_rule if compatibility == SAFE else {}
        if not rules:
            return (DIFFERS, first) if lines else (EQUAL, "")
        unexplained = self._unexplained(lines)
        if unexplained:
            return DIFFERS, f"not as {', '.join(rules)} says: {unexplained[0]}"
        return BY_RULE, ", ".join(rules)

    def _unexplained(self, lines: list[str]) -> list[str]:
        """What differs though no rule says so, and what should differ and does not."""
        wanted = {
            pattern: count for lines in self.by_rule.values() for pattern, count in lines.items()
        }
        out, met = [], Counter[str]()
        for line in lines:
            pattern = next((one for one in wanted if fnmatchcase(line, _escaped(one))), None)
            if pattern is None:
                out.append(line)
            else:
                met[pattern] += 1
        out += [
            f"{pattern}: expected {count} times, found {met[pattern]}"
            for pattern, count in wanted.items()
            if met[pattern] != count
        ]
        return out


def _escaped(pattern: str) -> str:
    """Only the asterisk is special: paths and texts have brackets."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


@cache
def expectations(suite: str = RESTORES) -> dict[str, Expectation]:
    """The table of a suite, by name of the case."""
    path = CONFORMANCE / suite / "expected.toml"
    table: dict[str, dict[str, Any]] = tomllib.loads(path.read_text())
    return {name: Expectation(**values) for name, values in table.items()}
