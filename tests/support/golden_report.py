"""Verdicts of the conformance tests, carried from the tests to the summary and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

PROPERTY = "conformance"
EQUAL, BY_RULE, DIFFERS, WAITS, SKIPPED = "equal", "by rule", "differs", "waits", "not run"
_OPEN = (DIFFERS, WAITS, SKIPPED)


@dataclass(frozen=True)
class Line:
    """One case of one suite in one mode.

    `note` says what first differs, by which rules, or why it was not run.
    """

    suite: str
    case: str
    verdict: str
    waits: str = ""
    note: str = ""
    seconds: float = 0.0
    mode: str = ""

    @property
    def newly_equal(self) -> bool:
        """Whether it is listed as waiting and has become equal."""
        return self.verdict == EQUAL and bool(self.waits)

    @property
    def is_open(self) -> bool:
        """Whether it is neither equal nor differs by a rule."""
        return self.verdict in _OPEN

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def counts(lines: Iterable[Line]) -> str:
    """How many are equal, differ by which rule, and are open."""
    lines = list(lines)
    tally = Counter(line.verdict for line in lines)
    rules = Counter(line.note for line in lines if line.verdict == BY_RULE)
    which = ", ".join(f"{name}: {count}" for name, count in sorted(rules.items()))
    by_rule = f"{tally[BY_RULE]} by rule" + (f" ({which})" if which else "")
    return f"{tally[EQUAL]} equal, {by_rule}, {sum(line.is_open for line in lines)} open"


def parts(lines: Iterable[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Suite by suite, mode by mode."""
    named: dict[tuple[str, str], list[Line]] = {}
    for line in sorted(lines, key=lambda line: (line.suite, line.mode, line.case)):
        named.setdefault((line.suite, line.mode), []).append(line)
    for (suite, mode), mine in named.items():
        yield f"{suite} ({mode})" if mode else suite, mine


def summary(lines: list[Line]) -> list[str]:
    """A few lines for the terminal."""
    out = []
    for name, mine in parts(lines):
        out.append(f"{name}: {counts(mine)}")
        out += [f"  open: {_about(line)}" for line in mine if line.is_open]
        out += [
            f"  {line.case} is equal now, although listed as waiting: {line.waits}"
            for line in mine
            if line.newly_equal
        ]
    return out


def markdown(lines: list[Line]) -> str:
    """The whole report: numbers, what is open, and the recorded restores one by one."""
    out = ["# Conformance", ""]
    out += ["| suite | cases | result |", "|---|---|---|"]
    out += [f"| {name} | {len(mine)} | {counts(mine)} |" for name, mine in parts(lines)]
    out += ["", "## Open", ""]
    still = [(name, line) for name, mine in parts(lines) for line in mine if line.is_open]
    out += [f"- {name}: {_cell(_about(line))}" for name, line in still] or ["Nothing."]
    for name, mine in parts(lines):
        told = mine if not any("[" in line.case for line in mine) else []
        told = told or [line for line in mine if line.verdict == BY_RULE]
        if not told:
            continue
        out += ["", f"## {name}", "", "| case | verdict | note | s |", "|---|---|---|---|"]
        out += [
            f"| {line.case} | {line.verdict} | {_cell(line.note)} | {line.seconds:.1f} |"
            for line in told
        ]
    return "\n".join(out) + "\n"


def _about(line: Line) -> str:
    why = f"waits for {line.waits}" if line.verdict == WAITS else line.verdict
    return f"{line.case} {why}: {line.note}" if line.note else f"{line.case} {why}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:240]
