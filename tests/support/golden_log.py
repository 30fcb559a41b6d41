"""The lines of a restore log that users and tools look for, compared with those of Velero."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import zip_longest

from tests.support.golden_data import ExpectedRun
from tests.support.golden_masks import masked_line

_LINE = re.compile(r'time="[^"]*" level=(\w+) msg=(?:"((?:[^"\\]|\\.)*)"|(\S*)) restore=(\S+)')
_ESCAPED = re.compile(r"\\(.)")
# As the recorded lines have them.
_PLAIN = {"n": "\\n", "t": "\t"}

# Reference, sections 6.4 and 1.8 step 3.
ESSENTIAL = tuple(
    re.compile(pattern)
    for pattern in (
        r"starting restore$",
        r"Starting restore of backup ",
        r"Resource '.*' will be restored (into namespace '.*'|at cluster scope)$",
        r"Skipping namespace ",
        r"Executing item action for ",
        r"Attempting to restore ",
        r"Waiting for all pod volume restores to complete$",
        r"Done waiting for all pod volume restores to complete$",
        r"restore completed$",
        r"(Velero|Cluster resource) restore (error|warning): ",
        r"Namespace \S+, resource restore (error|warning): ",
    )
)
# Told after each item.
_PROGRESS = re.compile(
    r"Restored \d+ items out of an estimated total of \d+ "
    r"\(estimate will change throughout the restore\)$"
)
_PLACE = re.compile(r"will be restored into namespace '(.*)'$")
_RESULT = re.compile(r"(Velero|Cluster resource|Namespace \S+, resource) restore ")


def entries(log: str) -> list[tuple[str, str, str]]:
    """Level, message and restore of each line; ValueError for a line of another form."""
    out = []
    for line in log.splitlines():
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError(f"this is no line of a restore log: {line}")
        level, quoted, bare, restore = found.groups()
        out.append((level, bare if quoted is None else _ESCAPED.sub(_unescaped, quoted), restore))
    return out


def _unescaped(found: re.Match[str]) -> str:
    return _PLAIN.get(found[1], found[1])


def judge_log(run: ExpectedRun, log: str, *, count_messages: bool = False) -> list[str]:
    """Compare the essential lines with their levels, and the numbers of the progress.

    What was recorded are distinct lines. With `count_messages` results are left out.
    """
    if not run.log:
        return ["Velero wrote none"] if log else []
    ours = list(dict.fromkeys(f"{level} {message}" for level, message, _name in entries(log)))
    want, have = (_essential(lines, run.name, count_messages) for lines in (run.log, ours))
    out = [f"missing {line}" for line in sorted(want - have)]
    out += [f"extra {line}" for line in sorted(have - want)]
    return out + _judge_progress(run, ours)


def _judge_progress(run: ExpectedRun, ours: list[str]) -> list[str]:
    want, have = (
        [line for line in lines if _PROGRESS.match(line.partition(" ")[2])]
        for lines in (run.log, ours)
    )
    places = {found[1] for line in run.log if (found := _PLACE.search(line))}
    if len(places) > 1 or run.spec.get("namespaceMapping"):
        # The order of namespaces is random in Velero. Each counts from when it is made, and items
        # that meet in one target count once.
        want, have = want[-1:], have[-1:]
    return [
        f"progress {number}: expected {first}, found {second}"
        for number, (first, second) in enumerate(zip_longest(want, have))
        if first != second
    ]


def _essential(lines: Iterable[str], name: str, count_messages: bool) -> set[str]:
    found = set()
    for line in lines:
        _level, _space, message = line.partition(" ")
        if count_messages and _RESULT.match(message):
            continue
        if any(pattern.match(message) for pattern in ESSENTIAL):
            found.add(masked_line(line, [name]))
    return found
