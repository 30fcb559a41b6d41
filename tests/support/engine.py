"""Call the engine without Ansible: in this process, or in one of its own that can be killed."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    RestoreRequest,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.ports import RestorePorts
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.restore.run import run_restore
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore

CHECKOUT = Path(__file__).resolve().parents[2]
BACKUPS = CHECKOUT / "tests" / "data" / "backup-storage"

WRITES = ("POST", "PUT", "PATCH", "DELETE")


@contextmanager
def api_cluster(kubeconfig: Path, **options: Any) -> Iterator[ApiCluster]:
    """A client of the engine."""
    api = ApiCluster(connect(ConnectionOptions(kubeconfig=str(kubeconfig)), {}), **options)
    try:
        yield api
    finally:
        api.close()


@dataclass(kw_only=True)
class Job:
    """One call of the engine. `spec` is in Restore's JSON form, `settings` those of `Settings`.

    With `die_at` (`before 3`, `after 0`) the process kills itself at that write to the storage.
    """

    kubeconfig: Path
    artifacts: Path
    backup: str
    name: str = "r"
    backups: Path = BACKUPS
    spec: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    check_mode: bool = False
    review_access: bool = False
    client: dict[str, Any] = field(default_factory=dict)
    die_at: str = ""

    def run(self, *, source: ObjectStore | None = None) -> RestoreReport:
        """Run it here; `source` replaces the folder `backups`."""
        with api_cluster(self.kubeconfig, **self.client) as api:
            return self.run_with(api, source=source)

    def run_with(
        self,
        api: Any,
        *,
        source: ObjectStore | None = None,
        artifacts: ObjectStore | None = None,
    ) -> RestoreReport:
        """Run it here with a given cluster."""
        self.artifacts.mkdir(parents=True, exist_ok=True)
        ports = RestorePorts(
            cluster=api,
            source=BackupSource(store=source or DirectoryStore(str(self.backups))),
            artifacts=artifacts or self._store(),
            clock=SystemClock(),
        )
        return run_restore(
            self.request(), ports, check_mode=self.check_mode, review_access=self.review_access
        )

    def _store(self) -> ObjectStore:
        store = DirectoryStore(str(self.artifacts))
        if self.die_at:
            when, number = self.die_at.split()
            store.write = dying(store.write, when, int(number))  # type: ignore[method-assign]
        return store

    def request(self) -> RestoreRequest:
        """The request that the engine gets."""
        return RestoreRequest(
            name=self.name,
            spec=RestoreSpec.from_dict({"backupName": self.backup, **self.spec}),
            settings=Settings(**self.settings),
        )

    def start(self, **options: Any) -> subprocess.Popen[str]:
        """Start it in a process of its own, which prints what tests/support/restore_process.py
        says.
        """
        self.artifacts.mkdir(parents=True, exist_ok=True)
        given = {
            name: str(value) if isinstance(value, Path) else value
            for name, value in vars(self).items()
        }
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.restore_process", json.dumps(given)],
            cwd=CHECKOUT,
            env={"PYTHONPATH": f"{CHECKOUT / '.dev'}:{CHECKOUT}", "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )

    def artifact(self, kind: str) -> Any:
        """An artifact: `results`, `resource-list`, `logs`, `itemoperations`, `volumeinfo`."""
        folder = self.artifacts / "restores" / self.name
        names = {
            "results": f"restore-{self.name}-results.gz",
            "resource-list": f"restore-{self.name}-resource-list.json.gz",
            "itemoperations": f"restore-{self.name}-itemoperations.json.gz",
            "logs": f"restore-{self.name}-logs.gz",
            "volumeinfo": f"{self.name}-volumeinfo.json.gz",
        }
        text = gzip.decompress((folder / names[kind]).read_bytes()).decode()
        return text if kind == "logs" else json.loads(text)

    def record(self) -> dict[str, Any] | None:
        """The record in the storage, if there is one."""
        from ansible_collections.velero.core.plugins.module_utils.storage import layout

        path = self.artifacts / layout.restore_record(self.name)
        found: dict[str, Any] | None = json.loads(path.read_bytes()) if path.exists() else None
        return found


def dying(
    write: Callable[[str, bytes], None], when: str, number: int
) -> Callable[[str, bytes], None]:
    """A write of a process that kills itself before or after the write `number` (from 0)."""
    counted = itertools.count()

    def dies(key: str, data: bytes) -> None:
        last = next(counted) == number
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        write(key, data)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)

    return dies


def actions(report: RestoreReport) -> dict[str, str]:
    """Action by item id."""
    return {entry["id"]: entry["action"] for entry in (one.to_dict() for one in report.outcomes)}
