"""Whole restores in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.request import (
    RestoreRequest,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.ports import RestorePorts
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.restore.run import run_restore
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import Snapshotters
from tests.support.builders import (
    GROUP_SNAPSHOT_CONTENTS,
    Manifest,
    MemoryCatalog,
    MemoryStore,
    add_backup,
    obj,
)
from tests.support.fake_clock import FakeClock
from tests.support.fake_cluster import FakeCluster


class Killed(BaseException):
    """The process is gone: nothing more can be sent or stored."""


class Restoring:
    """One cluster, one storage with the backup b1, and restores from it."""

    def __init__(
        self,
        items: Iterable[Manifest] | MemoryCatalog = (),
        *,
        cluster: FakeCluster | None = None,
        backup: Manifest | None = None,
        volumes: Iterable[Manifest] = (),
        store: MemoryStore | None = None,
        snapshotters: Snapshotters | None = None,
        **settings: Any,
    ) -> None:
        self.cluster = cluster or FakeCluster()
        self.clock: FakeClock = self.cluster.clock
        self.store = store or add_backup(MemoryStore(), items, backup, volumes)
        self.snapshotters = snapshotters
        self.settings = Settings(**{"concurrency": 1, **settings})
        if self.settings.strict:
            # Velero restores nothing where its own Deployment is missing.
            pod = {"spec": {"containers": [{"name": "velero", "image": "velero/velero:v1"}]}}
            server = obj("Deployment", "velero", "velero", api="apps/v1", spec={"template": pod})
            self.cluster.put(server)
            # Where stubs of group snapshots cannot be listed, every restore of Velero warns.
            self.cluster.serve(GROUP_SNAPSHOT_CONTENTS)

    def run(
        self,
        *,
        name: str = "r1",
        check_mode: bool = False,
        review_access: bool = False,
        artifacts: bool = True,
        settings: dict[str, Any] | None = None,
        refinement: dict[str, Any] | None = None,
        **spec: Any,
    ) -> RestoreReport:
        """Runs or plans a restore of ``b1``."""
        if not {"backup_name", "schedule_name"} & set(spec):
            spec["backup_name"] = "b1"
        request = RestoreRequest(
            spec=RestoreSpec(**spec),
            settings=replace(self.settings, **(settings or {})),
            name=name,
            **(refinement or {}),
        )
        return run_restore(
            request, self.ports(artifacts), check_mode=check_mode, review_access=review_access
        )

    def ports(self, artifacts: bool = True) -> RestorePorts:
        return RestorePorts(
            cluster=self.cluster,
            source=BackupSource(store=self.store),
            artifacts=self.store if artifacts else None,
            clock=self.clock,
            snapshotters=self.snapshotters,
        )

    def kill_at(self, count: int) -> None:
        """Kills the process before its write number ``count`` (from 0) takes effect."""
        left = [count]

        def die(what: object) -> None:
            if getattr(what, "verb", "write") in ("get", "list", "preview", "discover", "review"):
                if left[0] < 0:
                    raise Killed
                return
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        self.cluster.before = die
        self.store.before_write = die

    def revive(self) -> None:
        """A new process: nothing is in its way."""
        self.cluster.before = lambda call: None
        self.store.before_write = lambda key: None

    def forget_calls(self) -> None:
        self.cluster.calls.clear()
        self.store.writes.clear()


def move_data(cluster: FakeCluster) -> None:
    """A node agent: when the restore waits, every DataDownload is done."""

    def move() -> None:
        for (gr, _namespace, _name), item in cluster.objects.items():
            if gr == "datadownloads.velero.io":
                item["status"] = {"phase": "Completed"}

    cluster.clock.on_sleep = move


def fates(report: RestoreReport) -> dict[str, tuple[str, str]]:
    """Action and reason by item."""
    out = {}
    for outcome in report.outcomes:
        entry = outcome.to_dict()
        out[entry["id"]] = (entry["action"], entry["reason"])
    return out
