"""Verdicts of the conformance tests, carried from the tests to the summary and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

PROPERTY = "conformance"
EQUAL, BY_RULE, DIFFERS, WAITS, SKIPPED = "equal", "by rule", "differs", "waits", "not run"
_ORDER = (EQUAL, BY_RULE, DIFFERS, WAITS, SKIPPED)


@dataclass(frozen=True)
class Line:
    """One case of one suite. `note` says what first differs, or why it was not run."""

    suite: str
    case: str
    verdict: str
    waits: str = ""
    note: str = ""
    seconds: float = 0.0

    @property
    def newly_equal(self) -> bool:
        """Whether it is listed as waiting and has become equal."""
        return self.verdict == EQUAL and bool(self.waits)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def counts(lines: Iterable[Line]) -> str:
    tally = Counter(line.verdict for line in lines)
    return ", ".join(f"{tally[name]} {name}" for name in _ORDER if tally[name])


def summary(lines: list[Line]) -> list[str]:
    """A few lines for the terminal."""
    out = []
    for suite in sorted({line.suite for line in lines}):
        mine = [line for line in lines if line.suite == suite]
        out.append(f"{suite}: {counts(mine)}")
        for line in mine:
            if line.newly_equal:
                out.append(f"  {line.case} is equal now, although listed as waiting: {line.waits}")
    return out


def markdown(lines: list[Line]) -> str:
    """The whole report: the cases one by one, the many small ones by file."""
    out = ["# Conformance", ""]
    for suite in sorted({line.suite for line in lines}):
        mine = [line for line in lines if line.suite == suite]
        out += [f"## {suite}", "", f"{counts(mine)}.", ""]
        if any("[" in line.case for line in mine):
            out += _by_file(mine)
        else:
            out += [
                "| case | verdict | waits for | what first differs | s |",
                "|---|---|---|---|---|",
            ]
            out += [
                f"| {line.case} | {line.verdict} | {line.waits} | {_cell(line.note)} |"
                f" {line.seconds:.1f} |"
                for line in mine
            ]
        out.append("")
    return "\n".join(out)


def _by_file(lines: list[Line]) -> list[str]:
    out = [f"| file | {' | '.join(_ORDER)} | waits for |", f"|---|{'---|' * len(_ORDER)}---|"]
    files: dict[str, list[Line]] = {}
    for line in lines:
        files.setdefault(line.case.partition("[")[0], []).append(line)
    for name, mine in sorted(files.items()):
        tally = Counter(line.verdict for line in mine)
        numbers = " | ".join(str(tally[verdict] or "") for verdict in _ORDER)
        waits = ", ".join(sorted({line.waits for line in mine if line.verdict == WAITS}))
        out.append(f"| {name} | {numbers} | {waits} |")
    open_cases = [line for line in lines if line.verdict == DIFFERS]
    if open_cases:
        out += ["", "| open case | what first differs |", "|---|---|"]
        out += [f"| {line.case} | {_cell(line.note)} |" for line in open_cases]
    return out


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:240]
