# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same backups from S3 and from a folder: the same outcome, the same artifacts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.storage.location import StorageLocation
from ansible_collections.velero.core.plugins.module_utils.storage.registry import open_store
from tests.support.compare import dump, masked
from tests.support.engine import BACKUPS, Job, api_cluster
from tests.support.states import restored_state, state_differences

CONTROLLERS = ("namespace-controller",)


def _job(cluster: Any, folder: Path, backup: str) -> Job:
    return Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=folder,
        backup=backup,
        settings={"record": "storage"},
    )


@pytest.mark.parametrize("backup", ["shop-full", "bulk2k"])
def test_the_storage_does_not_matter(
    cluster_factory: Any, s3: Any, tmp_path: Path, backup: str
) -> None:
    bucket = s3.new_bucket()
    s3.upload(BACKUPS / "backups" / backup, f"team/backups/{backup}/", bucket=bucket)
    location = StorageLocation(
        provider="aws",
        bucket=bucket,
        prefix="team",
        config={"s3Url": s3.url, "s3ForcePathStyle": "true"},
        credentials_file=str(s3.credentials_file),
    )
    store = open_store(location)
    with cluster_factory(controllers=CONTROLLERS, narrow_namespace=None) as cluster:
        base = dump(cluster).objects
        with api_cluster(cluster.kubeconfig()) as api:
            from_s3 = _job(cluster, tmp_path / "unused", backup).run_with(
                api, source=store, artifacts=store
            )
        s3_state = restored_state(cluster, base)
    with cluster_factory(controllers=CONTROLLERS, narrow_namespace=None) as cluster:
        base = dump(cluster).objects
        job = _job(cluster, tmp_path / "folder", backup)
        from_folder = job.run()
        folder_state = restored_state(cluster, base)

    assert from_s3.phase == from_folder.phase
    assert state_differences(folder_state, s3_state) == []
    keys = store.keys("restores/r/")
    assert keys == sorted(
        f"restores/r/{path.name}" for path in (job.artifacts / "restores" / "r").iterdir()
    )
    for kind in ("results", "resource-list"):
        key = next(key for key in keys if kind in key)
        kept = json.loads(gzip.decompress(store.read(key)))
        assert masked(kept) == masked(job.artifact(kind))
    assert from_s3.artifacts["record"].startswith(f"s3://{bucket}/team/restores/r/")
