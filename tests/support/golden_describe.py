"""Descriptions of recorded restores and of ours, and what of them is compared."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace

from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    NOT_FOUND,
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.describe.text import describe_text
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.restore.record import MANAGED_BY_LABEL
from tests.support.compare import State
from tests.support.golden_data import ExpectedRun
from tests.support.golden_masks import masked_line

_PVRS = "podvolumerestores.velero.io/"
_MESSAGES = ("Warnings:", "Errors:")
# The order of volumes and operations is random in Velero, and names may have an id in them.
_ITEMS = "Resource List:"
_UNORDERED = ("CSI Snapshot Restores:", "Restore Item Operations:", _ITEMS)

# Velero's client could not ask for the files of a restore whose backup does not exist.
_CLIENT_TROUBLE = re.compile(
    r"^(WARNING: Error getting cacert from BSL: .*|"
    r" +<error getting restore volume info: client rate limiter .*>)\n",
    re.MULTILINE,
)
_CLIENT_GAVE_UP = re.compile(r"<error getting restore resource list: client rate limiter .*>")


def recorded_facts(run: ExpectedRun, velero_objects: State) -> RestoreFacts:
    """What Velero left of a restore."""
    results = run.artifacts.get("results")
    return RestoreFacts(
        restore=run.restore,
        results=NOT_FOUND if results is None else Results.from_dict(results),
        resource_list=run.artifacts.get("resource-list", NOT_FOUND),
        item_operations=run.artifacts.get("itemoperations", NOT_FOUND),
        volume_info=run.artifacts.get("volumeinfo", NOT_FOUND),
        pod_volume_restores=[
            item for key, item in sorted(velero_objects.items()) if key.startswith(_PVRS)
        ],
    )


def judge_description(
    run: ExpectedRun, facts: RestoreFacts, *, count_messages: bool = False
) -> list[str]:
    """Compare the description of a restore of ours with the one that Velero's client printed.

    With `count_messages` the texts of the results are left out. Our label is not Velero's.
    """
    metadata = dict(facts.metadata)
    metadata["labels"] = {
        key: value
        for key, value in (metadata.get("labels") or {}).items()
        if key != MANAGED_BY_LABEL
    }
    ours = describe_text(replace(facts, restore={**facts.restore, "metadata": metadata}))
    want, have = (
        _without_order(comparable(text), [run.name], count_messages)
        for text in (run.description, ours)
    )
    return [
        line
        for line in difflib.unified_diff(want, have, "expected", "found", lineterm="", n=0)
        if not line.startswith(("---", "+++", "@@"))
    ]


def _without_order(text: str, restores: list[str], count_messages: bool) -> list[str]:
    """The lines with masked ids and times, and sorted where Velero's order is random."""
    sections: list[list[str]] = []
    for line in text.splitlines():
        if line and not line.startswith(" "):
            sections.append([])
        sections[-1].append(masked_line(line, restores))
    out: list[str] = []
    for title, *lines in sections:
        if title in _UNORDERED:
            lines = _sorted_blocks([line for line in lines if line], title == _ITEMS)
        if not (count_messages and title in _MESSAGES):
            out += [title, *lines]
    return out


def _sorted_blocks(lines: list[str], inside: bool) -> list[str]:
    """Blocks of lines, each with what is indented below it, sorted; their lines if `inside`."""
    blocks: list[list[str]] = []
    for line in lines:
        if line[2] != " ":
            blocks.append([])
        blocks[-1].append(line)
    if inside:
        blocks = [[head, *sorted(rest)] for head, *rest in blocks]
    return [line for block in sorted(blocks) for line in block]


def comparable(description: str) -> str:
    """The description without what is random in Velero: order of namespaces in messages, and
    what its client could not fetch."""
    text = _CLIENT_TROUBLE.sub("", description)
    text = _CLIENT_GAVE_UP.sub("<restore resource list not found>", text)
    return "".join(_with_sorted_namespaces(text.splitlines(keepends=True)))


def _with_sorted_namespaces(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        yield lines[at]
        at += 1
        if lines[at - 1] != "  Namespaces:\n":
            continue
        groups: list[list[str]] = []
        while at < len(lines) and lines[at].startswith("    "):
            if lines[at][4] != " ":
                groups.append([])
            groups[-1].append(lines[at])
            at += 1
        for group in sorted(groups):
            yield from group
