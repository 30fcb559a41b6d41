"""One whole restore in memory and all that it leaves behind, for tests that read like tables."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ItemAction
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from tests.support.builders import (
    GROUP_SNAPSHOT_CONTENTS,
    Manifest,
    MemoryCatalog,
    MemoryStore,
)
from tests.support.builders_actions import only_actions
from tests.support.builders_run import Restoring
from tests.support.fake_cluster import Call, FakeCluster, obj_namespace

SAFE, STRICT = "safe", "strict"
both_modes = pytest.mark.parametrize("mode", [SAFE, STRICT])

_MESSAGE = re.compile(r'msg="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Seen:
    """What came of a restore.

    ``errors`` and ``warnings`` are those of the results file, ``fates`` action and reason by
    item, ``listed`` the resource list, ``requests`` what was asked of the cluster about items and
    their namespaces, ``log`` the texts of the restore log.
    """

    report: RestoreReport
    cluster: FakeCluster
    store: MemoryStore
    phase: str
    errors: dict[str, Any]
    warnings: dict[str, Any]
    outcomes: list[tuple[str, str, str]]
    listed: dict[str, list[str]]
    requests: list[str]
    log: list[str]

    @property
    def fates(self) -> dict[str, tuple[str, str]]:
        return {item: (action, reason) for item, action, reason in self.outcomes}

    @property
    def silent(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not self.errors and not self.warnings

    @property
    def writes(self) -> list[str]:
        """The requests that change something."""
        return [text for text in self.requests if text.split()[0] not in ("get", "list", "preview")]

    def bodies(self, verb: str) -> list[Any]:
        """What was sent with the requests of this kind."""
        return [call.body for call in self.cluster.calls if call.verb == verb and _counts(call)]


def restore(
    items: Iterable[Manifest] | MemoryCatalog,
    *,
    mode: str = SAFE,
    existing: Iterable[Manifest] = (),
    cluster: FakeCluster | None = None,
    actions: Iterable[ItemAction] | None = None,
    settings: dict[str, Any] | None = None,
    backup: Manifest | None = None,
    **spec: Any,
) -> Seen:
    """Restores ``items`` into a cluster that holds ``existing``.

    The namespace ``shop`` is there already. With ``actions`` those run in place of Velero's.
    """
    used = cluster or FakeCluster(obj_namespace("shop"))
    for item in existing:
        used.put(item)
    restoring = Restoring(
        items, cluster=used, backup=backup, compatibility=mode, **(settings or {})
    )
    used.calls.clear()
    with ExitStack() as stack:
        if actions is not None:
            stack.enter_context(only_actions(*actions))
        report = restoring.run(**spec)
    return seen(restoring, report)


def seen(restoring: Restoring, report: RestoreReport) -> Seen:
    """What came of the restore ``r1``."""
    files = "restores/r1/restore-r1"
    results = restoring.store.json(f"{files}-results.gz")
    entries = [outcome.to_dict() for outcome in report.outcomes]
    log = gzip.decompress(restoring.store.read(f"{files}-logs.gz")).decode()
    return Seen(
        report=report,
        cluster=restoring.cluster,
        store=restoring.store,
        phase=report.phase,
        errors=results["errors"],
        warnings=results["warnings"],
        outcomes=[(entry["id"], entry["action"], entry["reason"]) for entry in entries],
        listed=restoring.store.json(f"{files}-resource-list.json.gz"),
        requests=[str(call) for call in restoring.cluster.calls if _counts(call)],
        log=[text.replace('\\"', '"') for text in _MESSAGE.findall(log)],
    )


def _counts(call: Call) -> bool:
    """Whether a request is about an item, not about the cluster or the record."""
    if call.verb in ("discover", "review") or call.name == "kube-system":
        return False
    if (call.verb, call.gr) == ("list", GROUP_SNAPSHOT_CONTENTS.group_resource):
        return False  # the clean-up at the end, which Velero always makes
    return "velero" not in (call.namespace, call.name) and not call.gr.endswith(".velero.io")
