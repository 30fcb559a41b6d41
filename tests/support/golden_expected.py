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

    `count_messages`: of its results only the numbers are compared. `safe` says why it differs from
    Velero unless `compatibility: strict` is asked for.
    """

    waits: str = ""
    count_messages: bool = False
    safe: str = ""

    def reason(self, compatibility: str) -> str:
        """Why the case may differ; empty: it may not."""
        return self.waits or (self.safe if compatibility == "safe" else "")


def expectations() -> dict[str, Expectation]:
    """The table, by name of the case."""
    table: dict[str, dict[str, Any]] = tomllib.loads(_TABLE.read_text())
    return {name: Expectation(**values) for name, values in table.items()}
