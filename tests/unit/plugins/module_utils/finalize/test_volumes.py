# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeInput
from ansible_collections.velero.core.plugins.module_utils.finalize.volumes import (
    PatchDynamicVolumes,
    operations_of_claim,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from tests.support.builders import SERVED, Manifest, api_of, obj, resource
from tests.support.fake_cluster import FakeCluster, api_error

CLASSES = resource("storageclasses.storage.k8s.io", "StorageClass", namespaced=False, status=False)
FAIL = "fail to patch dynamic PV, err: {}, PVC: pvc1, PV: pv1"
DEADLINE = "context deadline exceeded"


def row(number: int = 1, **fields: Any) -> Manifest:
    """A row of the backup's volume info."""
    return {
        "backupMethod": "PodVolumeBackup",
        "pvcName": f"pvc{number}",
        "pvName": f"pv{number}",
        "pvcNamespace": f"ns{number}",
        "pvInfo": {"reclaimPolicy": "Delete", "labels": {f"label{number}": "val"}},
        **fields,
    }


def claim(number: int = 1, phase: str = "Bound", **spec: Any) -> Manifest:
    spec = {"volumeName": f"new-pv{number}", **spec}
    spec = {key: value for key, value in spec.items() if value is not None}
    where = f"ns{number}"
    return obj("PersistentVolumeClaim", f"pvc{number}", where, spec=spec, status={"phase": phase})


def volume(
    number: int = 1,
    policy: str = "Retain",
    owner: tuple[str, str] | None = None,
    phase: str = "Bound",
    **labels: str,
) -> Manifest:
    where, who = owner or (f"ns{number}", f"pvc{number}")
    spec = {
        "persistentVolumeReclaimPolicy": policy,
        "claimRef": {"namespace": where, "name": who},
    }
    return obj(
        "PersistentVolume", f"new-pv{number}", spec=spec, status={"phase": phase}, labels=labels
    )


def storage_class(mode: str | None) -> Manifest:
    fields = {"volumeBindingMode": mode} if mode else {}
    return obj("StorageClass", "fast", api="storage.k8s.io/v1", **fields)


class Finalizing:
    """One cluster and what was told about it."""

    def __init__(self, *objects: Manifest) -> None:
        self.cluster = FakeCluster(*objects, api=api_of(*SERVED, CLASSES))
        self.log: list[tuple[str, str]] = []

    def run(self, *rows: Manifest, **given: Any) -> dict[str, Any]:
        spec = RestoreSpec(namespace_mapping=given.pop("mapping", None))
        given.setdefault("created_claims", frozenset({"ns1/pvc1", "ns2/pvc2"}))
        results = PatchDynamicVolumes().run(
            FinalizeInput(
                restore=obj("Restore", "r1", "velero"),
                spec=spec,
                cluster=self.cluster,
                clock=self.cluster.clock,
                resource_timeout=600,
                backup_volumes=rows,
                log=lambda *line: self.log.append(line),
                **given,
            )
        )
        assert not results.warnings.count
        return results.errors.to_dict()

    def volume(self, number: int = 1) -> tuple[str, dict[str, str]]:
        found = self.cluster.see("persistentvolumes", "", f"new-pv{number}")
        return found["spec"]["persistentVolumeReclaimPolicy"], found["metadata"]["labels"]


# TestPatchDynamicPVWithVolumeInfo


@pytest.mark.parametrize(
    ("rows", "objects", "given", "patched"),
    [
        pytest.param(
            [row(backupMethod="VeleroNativeSnapshot")], [volume(), claim()], {}, [], id="method"
        ),
        pytest.param(
            [row()], [volume(), claim()], {"created_claims": frozenset()}, [], id="no claim"
        ),
        pytest.param([row()], [volume(1, "Delete", label1="val"), claim()], {}, [], id="no need"),
        pytest.param([row()], [volume(), claim()], {}, [1], id="one"),
        pytest.param(
            [row(pvcNamespace="ns2")],
            [volume(), claim()],
            {"mapping": {"ns2": "ns1"}, "created_claims": frozenset({"ns1/pvc1"})},
            [1],
            id="mapped",
        ),
        pytest.param(
            [row(), row(2, backupMethod="CSISnapshot")],
            [volume(), claim(), volume(2), claim(2)],
            {},
            [1, 2],
            id="two",
        ),
        pytest.param([row(pvInfo=None)], [volume(), claim()], {}, [], id="no info"),
    ],
)
def test_patches(
    rows: list[Manifest], objects: list[Manifest], given: dict[str, Any], patched: list[int]
) -> None:
    finalizing = Finalizing(*objects)
    assert finalizing.run(*rows, **given) == {}
    wanted = [f"patch persistentvolumes/new-pv{number}" for number in patched]
    assert finalizing.cluster.said() == wanted
    for number in patched:
        assert finalizing.volume(number) == ("Delete", {f"label{number}": "val"})
    assert finalizing.cluster.clock.slept == []


@pytest.mark.parametrize("others", [[], [claim(2), volume(2)]])
def test_a_volume_of_another_claim_is_an_error(others: list[Manifest]) -> None:
    finalizing = Finalizing(volume(owner=("ns3", "pvc3")), claim(), *others)
    text = ("PV was bound by unexpected PVC, unexpected PVC: ns3/pvc3, expected PVC: ns1/pvc1",)
    rows = [row(), row(2)] if others else [row()]
    assert finalizing.run(*rows) == {"namespaces": {"ns1": [FAIL.format(*text)]}}
    assert finalizing.cluster.said() == (["patch persistentvolumes/new-pv2"] if others else [])


# ------------------------------------------------------------------ the decision table


@pytest.mark.parametrize(
    ("objects", "errors", "requests"),
    [
        pytest.param([], [DEADLINE], {"get persistentvolumeclaims/ns1/pvc1"}, id="no claim"),
        pytest.param([claim(volumeName=None)], [DEADLINE], None, id="bound to nothing"),
        pytest.param([claim(phase="Lost")], [DEADLINE], None, id="lost"),
        pytest.param([claim(phase="Pending")], [DEADLINE], None, id="pending without class"),
        pytest.param([claim()], [DEADLINE], None, id="no volume"),
        pytest.param([claim(), volume(phase="Released")], [DEADLINE], None, id="volume not bound"),
        pytest.param(
            [claim(), {**volume(), "spec": {}}], [DEADLINE], None, id="volume without claim"
        ),
        pytest.param(
            [claim(phase="Pending", storageClassName="fast"), storage_class("Immediate")],
            [DEADLINE],
            None,
            id="pending",
        ),
        pytest.param(
            [claim(phase="Pending", storageClassName="fast"), storage_class(None)],
            [DEADLINE],
            None,
            id="class without mode",
        ),
        pytest.param(
            [
                claim(phase="Pending", storageClassName="fast"),
                storage_class("WaitForFirstConsumer"),
            ],
            [],
            None,
            id="waits for its pod",
        ),
        pytest.param(
            [claim(phase="Pending", storageClassName="fast")],
            ['storageclasses.storage.k8s.io "fast" not found'] * 2,
            None,
            id="class missing",
        ),
    ],
)
def test_decisions(objects: list[Manifest], errors: list[str], requests: set[str] | None) -> None:
    finalizing = Finalizing(*objects)
    told = [*errors[:-1], *(FAIL.format(text) for text in errors[-1:])]
    assert finalizing.run(row()) == ({"namespaces": {"ns1": told}} if told else {})
    assert finalizing.cluster.said() == []
    waited = sum(finalizing.cluster.clock.slept)
    assert waited == (600 if DEADLINE in errors else 0)
    if requests:
        assert set(finalizing.cluster.said("get")) == requests


@pytest.mark.parametrize("strict", [True, False])
def test_seen_several_volumes_without_their_storage_class(strict: bool) -> None:
    """This ends Velero's server; here each is told in its own namespace."""
    numbers = range(1, 5)
    claims = [
        claim(number, phase="Pending", volumeName=None, storageClassName="fast")
        for number in numbers
    ]
    created = frozenset(f"ns{number}/pvc{number}" for number in numbers)
    errors = Finalizing(*claims).run(
        *(row(number) for number in numbers), created_claims=created, strict=strict
    )
    missing = 'storageclasses.storage.k8s.io "fast" not found'
    assert errors == {
        "namespaces": {
            f"ns{number}": [
                missing,
                f"fail to patch dynamic PV, err: {missing}, PVC: pvc{number}, PV: pv{number}",
            ]
            for number in numbers
        }
    }


@pytest.mark.parametrize(
    ("verb", "gr"),
    [
        ("get", "persistentvolumeclaims"),
        ("get", "persistentvolumes"),
        ("patch", "persistentvolumes"),
    ],
)
def test_what_the_api_server_refuses_is_an_error(verb: str, gr: str) -> None:
    finalizing = Finalizing(volume(), claim())
    finalizing.cluster.fail(verb, gr, error=api_error("Forbidden", "not you"))
    assert finalizing.run(row()) == {"namespaces": {"ns1": [FAIL.format("not you")]}}


def test_a_lost_connection_ends_the_run() -> None:
    finalizing = Finalizing(volume(), claim())
    finalizing.cluster.fail("get", error=ConnectionFailedError("asking", "the server"))
    with pytest.raises(ConnectionFailedError):
        finalizing.run(row())


def test_a_claim_that_is_bound_later_is_patched_then() -> None:
    finalizing = Finalizing(claim(phase="Pending", volumeName=None), volume())

    def bind() -> None:
        if sum(finalizing.cluster.clock.slept) > 60:
            finalizing.cluster.put(claim())

    finalizing.cluster.clock.on_sleep = bind
    assert finalizing.run(row()) == {}
    assert finalizing.volume() == ("Delete", {"label1": "val"})
    assert max(finalizing.cluster.clock.slept) == 10


def test_all_claims_wait_at_the_same_time() -> None:
    names = range(1, 9)
    finalizing = Finalizing(*(claim(number, phase="Pending") for number in names))
    created = frozenset(f"ns{number}/pvc{number}" for number in names)
    errors = finalizing.run(*(row(number) for number in names), created_claims=created)
    assert len(errors["namespaces"]) == 8
    assert sum(finalizing.cluster.clock.slept) == 600


@pytest.mark.parametrize(
    ("phase", "patches"),
    [("New", False), ("InProgress", False), ("Failed", False), ("Completed", True)],
)
def test_a_claim_whose_data_did_not_come_is_left_alone(phase: str, patches: bool) -> None:
    finalizing = Finalizing(volume(), claim())
    assert finalizing.run(row(), operations=[operation(phase=phase)]) == {}
    assert bool(finalizing.cluster.said()) is patches
    assert ("skipping PV patch" in str(finalizing.log)) is not patches


def test_operations_of_others_do_not_count() -> None:
    finalizing = Finalizing(volume(), claim())
    others = [operation(action="example.test/other"), operation(name="pvc2")]
    assert finalizing.run(row(), operations=others) == {}
    assert finalizing.cluster.said() == ["patch persistentvolumes/new-pv1"]


@pytest.mark.parametrize(
    ("strict", "before", "after"),
    [
        (True, {"provisioner": "x", "label1": "old"}, {"label1": "val"}),
        (False, {"provisioner": "x", "label1": "old"}, {"provisioner": "x", "label1": "val"}),
        # Nothing is to be patched, so that others stay.
        (True, {"provisioner": "x", "label1": "val"}, {"provisioner": "x", "label1": "val"}),
        (False, {"provisioner": "x", "label1": "val"}, {"provisioner": "x", "label1": "val"}),
        (
            False,
            {"provisioner": "x", "velero.io/dynamic-pv-restore": "shop.data.abcde"},
            {"provisioner": "x", "label1": "val"},
        ),
    ],
)
def test_labels_are_replaced_or_merged(
    strict: bool, before: dict[str, str], after: dict[str, str]
) -> None:
    finalizing = Finalizing(volume(1, "Delete", **before), claim())
    assert finalizing.run(row(), strict=strict) == {}
    assert finalizing.volume() == ("Delete", after)
    finalizing.cluster.calls.clear()
    assert finalizing.run(row(), strict=strict) == {}
    assert finalizing.cluster.said() == [], "a second run has nothing to do"


# TestRestoreOperationList


def operation(**fields: Any) -> ItemOperation:
    given = {
        "action": "velero.io/csi-pvc-restorer",
        "group": "",
        "resource": "persistentvolumeclaims",
        "namespace": "ns1",
        "name": "pvc1",
        "operation_id": "dd-1",
        "created": "2026-01-02T03:04:05Z",
        **fields,
    }
    return ItemOperation(**given)


@pytest.mark.parametrize(
    ("operations", "found"),
    [
        ([], 0),
        ([operation(), operation(namespace="ns2"), operation(name="pvc2")], 1),
        ([operation(resource="configmaps"), operation(group="apps")], 0),
    ],
)
def test_operations_of_a_claim(operations: list[ItemOperation], found: int) -> None:
    assert operations_of_claim(operations, "ns1", "pvc1") == operations[:found]
