# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.ansible_report import return_values
from tests.support.builders import Manifest, obj
from tests.support.builders_run import Restoring
from tests.support.volume_cases import DATA, SITUATIONS, restoring

NOTHING = SITUATIONS["nothing is there"]


def rows(prepared: Restoring, **spec: Any) -> list[Manifest]:
    return prepared.run(check_mode=True, **spec).volumes


def without(prepared: Restoring, *kinds: str) -> Restoring:
    for place in [
        place for place, item in prepared.cluster.objects.items() if item["kind"] in kinds
    ]:
        del prepared.cluster.objects[place]
    return prepared


def test_a_row() -> None:
    assert rows(restoring(DATA["CSI snapshot"], NOTHING), namespace_mapping={"shop": "s2"}) == [
        {
            "volume": "pv",
            "pod": "",
            "claim": "s2/data",
            "decision": "csi_snapshot",
            "method": "CSISnapshot",
            "size": "5Gi",
            "storage_class": "fast",
            "new_name": "",
            "blocked": False,
            "missing": [],
        }
    ]


@pytest.mark.parametrize(
    ("data", "kind", "text", "blocks"),
    [
        ("CSI snapshot", "CSIDriver", "the CSI driver csi.test is not in the cluster", True),
        (
            "CSI snapshot",
            "VolumeSnapshotClass",
            "there is no VolumeSnapshotClass of driver csi.test",
            False,
        ),
        ("CSI snapshot", "StorageClass", "the storage class fast is not in the cluster", True),
        ("moved data", "DaemonSet", "Velero's node agent is not in namespace velero", True),
        (
            "file system backup",
            "DaemonSet",
            "Velero's node agent is not in namespace velero",
            True,
        ),
        (
            "none, policy Delete",
            "StorageClass",
            "the storage class fast is not in the cluster",
            True,
        ),
        (
            "native snapshot",
            "VolumeSnapshotLocation",
            "error executing PVAction for persistentvolumes/pv: volumesnapshotlocations.velero.io "
            '"native" not found (the option volume_snapshot_locations can describe it)',
            True,
        ),
        ("none, policy Retain", "StorageClass", "", False),
    ],
)
def test_what_is_missing(data: str, kind: str, text: str, blocks: bool) -> None:
    (row,) = rows(without(restoring(DATA[data], NOTHING), kind))
    assert row["missing"] == ([text] if text else [])
    assert row["blocked"] is blocks


def test_a_snapshot_that_is_left_out() -> None:
    resource = "volumesnapshots.snapshot.storage.k8s.io"
    (row,) = rows(restoring(DATA["CSI snapshot"], NOTHING), excluded_resources=[resource])
    assert row["missing"] == [f"this restore leaves {resource} out"]


def test_a_provider_that_is_not_known() -> None:
    prepared = restoring(DATA["native snapshot"], NOTHING)
    prepared.snapshotters = None
    location = prepared.cluster.see("volumesnapshotlocations.velero.io", "velero", "native")
    location["spec"]["provider"] = "gcp"
    (row,) = rows(prepared)
    assert row["blocked"]
    assert "native snapshots of provider 'gcp'" in row["missing"][0]


def test_a_volume_that_is_going_away() -> None:
    (row,) = rows(restoring(DATA["native snapshot"], SITUATIONS["the volume is there, released"]))
    assert row["missing"] == [
        "error waiting on in-cluster persistentvolume pv: it is released, or it or its claim or "
        "namespace is going away; a run waits until it has gone"
    ]


def test_a_copy() -> None:
    situation = SITUATIONS["`namespace_mapping`, the volume is there"]
    (row,) = rows(restoring(DATA["native snapshot"], situation), **situation.spec)
    assert row["new_name"].startswith("velero-clone-")


@pytest.mark.parametrize(("planned", "count"), [(True, 1), (False, 0)])
def test_volumes_that_only_a_pod_has(planned: bool, count: int) -> None:
    data = DATA["none, policy Retain"]
    pod = obj("Pod", "web", "shop", spec={"containers": [{"name": "c", "image": "i"}]})
    prepared = restoring(replace(data, items=(pod,)), NOTHING)
    backup = {
        "metadata": {"name": "b1-p"},
        "spec": {"pod": {"namespace": "shop", "name": "web"}, "volume": "scratch"},
        "status": {"snapshotID": "k1"},
    }
    key = "backups/b1/b1-podvolumebackups.json.gz"
    prepared.store.files[key] = gzip.compress(json.dumps([backup]).encode())
    found = rows(prepared, **({} if planned else {"excluded_resources": ["pods"]}))
    assert [(row["pod"], row["volume"]) for row in found if row["pod"]] == [
        ("shop/web", "scratch")
    ] * count


def test_nothing_is_asked_where_there_is_no_volume() -> None:
    prepared = Restoring([obj("ConfigMap", "x", "shop")])
    assert rows(prepared) == []


def test_blocked_volumes_are_returned_first() -> None:
    report = restoring(DATA["CSI snapshot"], NOTHING).run(check_mode=True)
    (row,) = report.volumes
    report.volumes = [{**row, "volume": "a"}, {**row, "volume": "b", "blocked": True}]
    values = return_values(report, "items", diff=False)
    assert [one["volume"] for one in values["volumes"]] == ["b", "a"]


def test_only_check_mode_returns_volumes() -> None:
    report = restoring(DATA["CSI snapshot"], NOTHING).run()
    assert "volumes" not in return_values(report, "items", diff=False)
