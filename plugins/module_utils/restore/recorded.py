# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of an earlier call, read back from its record and artifacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.velero.core.plugins.module_utils.model.items import (
    ItemKey,
    ItemOutcome,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Manifest,
    ObjectStore,
)
from ansible_collections.velero.core.plugins.module_utils.restore.locations import locations
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)

RECORDED = "recorded"


def report_of(
    record: Manifest,
    artifacts: RestoreArtifacts | None,
    store: ObjectStore | None,
    check_mode: bool,
) -> RestoreReport:
    """Returns the report of a finished restore; nothing has to be done for it.

    Raises StorageError when its artifacts are damaged.
    """
    report = RestoreReport(changed=False, restore=record, plan=[] if check_mode else None)
    if artifacts is not None:
        report.results = artifacts.read_results()
        report.outcomes = list(outcomes_of(artifacts.read_resource_list()))
        report.artifacts = locations(str(record["metadata"]["name"]), store)
    return report


def outcomes_of(listed: Mapping[str, Sequence[str]]) -> Iterator[ItemOutcome]:
    """Yields the items of a restored resource list."""
    for api_kind, entries in listed.items():
        for entry in entries:
            where, _paren, action = entry.rpartition("(")
            namespace, _slash, name = where.rpartition("/")
            yield ItemOutcome(
                ItemKey(api_kind, namespace, name), action.removesuffix(")"), RECORDED
            )
