# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeInput
from ansible_collections.velero.core.plugins.module_utils.finalize.group_snapshots import (
    CleanUpGroupSnapshots,
)
from ansible_collections.velero.core.plugins.module_utils.finalize.registry import finalize_tasks
from ansible_collections.velero.core.plugins.module_utils.model.names import label_value
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from tests.support.builders import SERVED, Manifest, api_of, obj, resource
from tests.support.fake_cluster import FakeCluster, api_error

GROUP_CONTENTS = resource(
    "volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io",
    "VolumeGroupSnapshotContent",
    version="v1beta2",
    namespaced=False,
)
CONTENTS = resource(
    "volumesnapshotcontents.snapshot.storage.k8s.io", "VolumeSnapshotContent", namespaced=False
)
STUBS = GROUP_CONTENTS.group_resource
LABEL = "velero.io/restore-name"


def stub(number: int = 1, *handles: str, restore: str = "restore-1") -> Manifest:
    source = {"groupSnapshotHandles": {"volumeSnapshotHandles": list(handles)}} if handles else {}
    return obj(
        "VolumeGroupSnapshotContent",
        f"stub-{number}",
        api="groupsnapshot.storage.k8s.io/v1beta2",
        labels={LABEL: restore},
        spec={"source": source},
    )


def content(handle: str | None, ready: bool | None = True, restore: str = "restore-1") -> Manifest:
    source = {"snapshotHandle": handle} if handle else {"volumeHandle": "v"}
    status = {} if ready is None else {"status": {"readyToUse": ready}}
    return obj(
        "VolumeSnapshotContent",
        f"vsc-{handle}",
        api="snapshot.storage.k8s.io/v1",
        labels={LABEL: restore},
        spec={"source": source},
        **status,
    )


def cluster_of(*objects: Manifest, installed: bool = True) -> FakeCluster:
    extra = (GROUP_CONTENTS, CONTENTS) if installed else ()
    return FakeCluster(*objects, api=api_of(*SERVED, *extra))


def clean(cluster: FakeCluster, name: str = "restore-1", **given: Any) -> dict[str, Any]:
    results = CleanUpGroupSnapshots().run(
        FinalizeInput(
            restore=obj("Restore", name, "velero"),
            spec=RestoreSpec(),
            cluster=cluster,
            clock=cluster.clock,
            resource_timeout=600,
            restored_items={"snapshot.storage.k8s.io/v1/VolumeSnapshot": []},
            **given,
        )
    )
    assert not results.errors.count
    return results.warnings.to_dict()


def warned(text: str) -> dict[str, Any]:
    return {"namespaces": {"cluster": [text]}}


# TestCleanupStubVGSC, and what it leaves out.
@pytest.mark.parametrize(
    ("objects", "left"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([stub(1, "h1"), content("h1")], 0, id="ready"),
        pytest.param([stub(1, "h1"), stub(2, "h2"), content("h1"), content("h2")], 0, id="several"),
        pytest.param([stub(restore="restore-2")], 1, id="another restore's"),
        pytest.param([stub()], 0, id="no handles"),
        pytest.param([stub(1, "h1")], 0, id="no contents"),
        pytest.param(
            [stub(1, "h1"), content("h2", ready=False), content(None, ready=False)],
            0,
            id="unrelated contents",
        ),
        pytest.param(
            [stub(1, "h1"), content("h1", ready=False, restore="restore-2")],
            0,
            id="contents of another restore",
        ),
    ],
)
def test_stubs(objects: list[Manifest], left: int) -> None:
    cluster = cluster_of(*objects)
    assert clean(cluster) == {}
    assert len([place for place in cluster.objects if place[0] == STUBS]) == left
    assert cluster.clock.slept == []


@pytest.mark.parametrize("ready", [False, None])
def test_a_stub_is_deleted_though_its_snapshots_do_not_get_ready(ready: bool | None) -> None:
    cluster = cluster_of(stub(1, "h1"), content("h1", ready))
    text = "timed out waiting for VSCs related to VGSC stub-1: context deadline exceeded"
    assert clean(cluster) == warned(text)
    assert cluster.said() == [f"delete {STUBS}/stub-1"]
    assert sum(cluster.clock.slept) == 600


def test_a_list_that_fails_is_asked_again() -> None:
    cluster = cluster_of(stub(1, "h1"), content("h1"))
    cluster.fail("list", CONTENTS.group_resource, times=3)
    assert clean(cluster) == {}
    assert len(cluster.clock.slept) == 3


@pytest.mark.parametrize(
    ("reason", "warnings"),
    [
        ("NotFound", {}),
        (
            "Forbidden",
            warned("failed to delete stub VolumeGroupSnapshotContent stub-1: not now"),
        ),
    ],
)
def test_deleting_fails(reason: str, warnings: dict[str, Any]) -> None:
    cluster = cluster_of(stub())
    cluster.fail("delete", error=api_error(reason, "not now"))
    assert clean(cluster) == warnings


@pytest.mark.parametrize("strict", [True, False])
def test_without_the_definition_only_strict_warns(strict: bool) -> None:
    text = (
        "failed to list stub VolumeGroupSnapshotContents: "
        "the server could not find the requested resource"
    )
    cluster = cluster_of(installed=False)
    assert clean(cluster, strict=strict) == (warned(text) if strict else {})


@pytest.mark.parametrize(("strict", "asks"), [(True, True), (False, False)])
def test_where_no_snapshot_was_restored_nobody_is_asked(strict: bool, asks: bool) -> None:
    cluster = cluster_of(stub())
    CleanUpGroupSnapshots().run(
        FinalizeInput(
            restore=obj("Restore", "restore-1", "velero"),
            spec=RestoreSpec(),
            cluster=cluster,
            clock=cluster.clock,
            resource_timeout=600,
            strict=strict,
        )
    )
    assert bool(cluster.calls) is asks


def test_a_list_that_is_refused_is_a_warning() -> None:
    cluster = cluster_of(stub())
    cluster.fail("list", error=api_error("Forbidden", "not you"))
    text = "failed to list stub VolumeGroupSnapshotContents: not you"
    assert clean(cluster) == warned(text)


@pytest.mark.parametrize(("strict", "deletes"), [(True, False), (False, True)])
def test_a_long_name(strict: bool, deletes: bool) -> None:
    name = "r" * 80
    cluster = cluster_of(stub(restore=label_value(name)))
    warnings = clean(cluster, name, strict=strict)
    assert bool(cluster.said()) is deletes
    assert ("unable to parse requirement" in str(warnings)) is not deletes


class Hooks:
    name = "waiting for hooks"

    def run(self, given: FinalizeInput) -> Results:
        return Results()


def test_the_order_of_the_tasks() -> None:
    hooks = Hooks()
    names = [task.name for task in finalize_tasks(hooks)]
    assert names == [
        "patching newly provisioned volumes",
        "cleaning up stub VolumeGroupSnapshotContents",
        "waiting for hooks",
    ]
    assert [task.name for task in finalize_tasks()] == names[:2]
