"""How many of the golden calls pass, by action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from tests.conformance.item_actions.judge import (
    MissingActionError,
    judge_execute,
    judge_operation,
)
from tests.conformance.item_actions.records import Record, execute_records, operation_records


def lines(*, details: bool = False) -> Iterator[str]:
    """Yields a Markdown table; with ``details`` the differences follow."""
    yield "| Action | Passed | Total |"
    yield "|---|---|---|"
    notes: list[str] = []
    judged = [
        *_judged("", execute_records(), judge_execute),
        *_judged(" (operations)", operation_records(), judge_operation),
    ]
    passed = Counter(name for name, record, found in judged if not found)
    total = Counter(name for name, record, found in judged)
    for name in sorted(total):
        yield f"| {name} | {passed[name]} | {total[name]} |"
    yield f"| all | {passed.total()} | {total.total()} |"
    for name, record, found in judged:
        notes += [f"{name} {record.index} ({record.case}): {text}" for text in found]
    if details:
        yield from notes


def _judged(
    suffix: str, records: Iterable[Record], judge: Callable[[Record], list[str]]
) -> Iterator[tuple[str, Record, list[str]]]:
    for record in records:
        try:
            found = judge(record)
        except MissingActionError:
            found = ["no such action"]
        yield f"{record.action}{suffix}", record, found
