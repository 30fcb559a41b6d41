"""Where the backup lies makes no difference to what is left behind."""

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.storage.location import StorageLocation
from ansible_collections.velero.core.plugins.module_utils.storage.registry import open_store
from tests.support.golden_cluster import PreparedClusters
from tests.support.golden_data import backup_folder, golden_case, missing_data
from tests.support.golden_run import differences_between, run_case
from tests.testbed.s3 import S3Server

from .conftest import RunCase

_PREFIX = "of/velero"


@pytest.mark.parametrize("name", ("b1-included-ns", "b4-default", "b5-truncated", "b2-default"))
def test_s3_does_as_a_directory(
    name: str, run: RunCase, clusters: PreparedClusters, s3: S3Server, compatibility: str
) -> None:
    case = golden_case(name)
    if case is None:
        pytest.skip(f"{name} is not in this repository")
    if reason := missing_data(case):
        pytest.skip(reason)
    bucket = s3.new_bucket()
    for backup in case.backups:
        s3.upload(backup_folder(backup), f"{_PREFIX}/backups/{backup}/", bucket)
    store = open_store(
        StorageLocation(
            provider="aws",
            bucket=bucket,
            prefix=_PREFIX,
            config={"region": s3.region, "s3Url": s3.url, "s3ForcePathStyle": "true"},
            credentials_file=str(s3.credentials_file),
        )
    )
    with clusters.take() as prepared:
        from_s3 = run_case(case, prepared, compatibility=compatibility, store=store)
    assert differences_between(case, from_s3, run(case, 16)) == []
