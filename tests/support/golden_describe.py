"""Descriptions of recorded restores, and what in them no two runs have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    NOT_FOUND,
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from tests.support.compare import State
from tests.support.golden_data import ExpectedRun

_PVRS = "podvolumerestores.velero.io/"

# Velero's client could not ask for the files of a restore whose backup does not exist.
_CLIENT_TROUBLE = re.compile(
    r"^(WARNING: Error getting cacert from BSL: .*|"
    r" +<error getting restore volume info: client rate limiter .*>)\n",
    re.MULTILINE,
)
_CLIENT_GAVE_UP = re.compile(r"<error getting restore resource list: client rate limiter .*>")


def recorded_facts(run: ExpectedRun, velero_objects: State) -> RestoreFacts:
    """What Velero left of a restore."""
    artifacts = run.artifacts
    results = artifacts.get("results")
    restores = [item for key, item in sorted(velero_objects.items()) if key.startswith(_PVRS)]
    return RestoreFacts(
        restore=run.restore,
        results=NOT_FOUND if results is None else Results.from_dict(results),
        resource_list=artifacts.get("resource-list", NOT_FOUND),
        item_operations=artifacts.get("itemoperations", NOT_FOUND),
        volume_info=artifacts.get("volumeinfo", NOT_FOUND),
        pod_volume_restores=restores,
    )


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
