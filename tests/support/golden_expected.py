"""What is known about the recorded cases: which must be equal, and what the others wait for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomllib

_TABLE = Path(__file__).resolve().parents[1] / "conformance" / "restores" / "expected.toml"


@dataclass(frozen=True)
class Expectation:
    """`waits` names the missing part; empty: the case must be equal.

    `count_messages`: of its results only the numbers are compared. `safe` is the rule of
    docs/compatibility.md by which it differs from Velero unless `compatibility: strict` is set.
    """

    waits: str = ""
    count_messages: bool = False
    safe: str = ""

    def rule(self, compatibility: str) -> str:
        """The rule by which the case differs on purpose; empty: none."""
        return self.safe if compatibility == "safe" and not self.waits else ""


def expectations() -> dict[str, Expectation]:
    """The table, by name of the case."""
    table: dict[str, dict[str, Any]] = tomllib.loads(_TABLE.read_text())
    return {name: Expectation(**values) for name, values in table.items()}
