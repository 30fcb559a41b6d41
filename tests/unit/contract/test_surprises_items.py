# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Surprises (reference section 11) about single items: 13 to 23, 36, 46, 47, 49, 50, 52."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from tests.support.builders import config_map, crd, labelled, obj, owner
from tests.support.builders_actions import Action, wants
from tests.support.builders_run import Restoring
from tests.support.contract import SAFE, STRICT, both_modes, restore, seen
from tests.support.fake_cluster import FakeCluster, api_error, obj_namespace

X = config_map("x")
OTHER = config_map("x", data={"a": "2"})
CREATED = ("created", "created")
DIFFERENT = (
    "could not restore, {} already exists. Warning: the in-cluster version is different than the "
    "backed-up version"
)
TAKEN = "provided port is already allocated"


# ------------------------------------------------------------------ existing objects


@both_modes
@pytest.mark.parametrize(
    ("existing", "policy", "listed", "warns"),
    [
        (OTHER, "", "shop/x(failed)", True),
        (X, "", "shop/x(skipped)", False),
        (labelled(X, "older"), "update", "shop/x(skipped)", False),
    ],
    ids=["different", "equal", "equal-with-new-labels"],
)
def test_surprise_13_the_words_of_the_resource_list(
    mode: str, existing: Any, policy: str, listed: str, warns: bool
) -> None:
    """The list is Velero's; `items` also tells what is unchanged and what got new labels."""
    found = restore([X], mode=mode, existing=[existing], existing_resource_policy=policy)
    assert found.listed == {"v1/ConfigMap": [listed]}
    assert bool(found.warnings) is warns
    assert found.phase == "Completed"
    expected = {
        "shop/x(failed)": ("failed", "exists_different"),
        "shop/x(skipped)": ("updated", "labels_updated") if policy else ("unchanged", "equal"),
    }
    assert found.fates == {"v1/ConfigMap/shop/x": expected[listed]}


@both_modes
@pytest.mark.parametrize(
    ("policy", "text"),
    [("", DIFFERENT.format("ConfigMap:x")), ("none", DIFFERENT.format('ConfigMap "x"'))],
)
def test_surprise_14_two_formats_of_the_difference(mode: str, policy: str, text: str) -> None:
    found = restore([X], mode=mode, existing=[OTHER], existing_resource_policy=policy)
    assert found.warnings == {"namespaces": {"shop": [text]}}


@pytest.mark.rule("C1")
@pytest.mark.parametrize(("mode", "warns"), [(SAFE, False), (STRICT, True)])
def test_surprise_15_owners_and_their_times_count(mode: str, warns: bool) -> None:
    """Rule C1."""
    item = config_map("x", meta={"managedFields": [owner(time="2020-01-01T00:00:00Z")]})
    there = config_map("x", meta={"managedFields": [owner(time="2024-01-01T00:00:00Z")]})
    assert bool(restore([item], mode=mode, existing=[there]).warnings) is warns


@pytest.mark.rule("C9")
@pytest.mark.parametrize(("mode", "warns"), [(SAFE, False), (STRICT, True)])
def test_surprise_15_what_typed_actions_leave_counts(mode: str, warns: bool) -> None:
    """Rule C9."""
    claim = obj("PersistentVolumeClaim", "c", "shop", spec={"resources": {}})
    assert bool(restore([claim], mode=mode, existing=[claim]).warnings) is warns


@both_modes
@pytest.mark.parametrize("policy", ["", "none", "update"])
def test_surprise_16_service_accounts_are_merged_and_not_labelled(mode: str, policy: str) -> None:
    item = obj("ServiceAccount", "sa", "shop", secrets=[{"name": "b"}])
    there = obj("ServiceAccount", "sa", "shop", secrets=[{"name": "a"}])
    found = restore(
        [item], mode=mode, existing=[there], actions=[], existing_resource_policy=policy
    )
    assert found.bodies("patch") == [{"secrets": [{"name": "a"}, {"name": "b"}]}]
    assert found.listed == {"v1/ServiceAccount": ["shop/sa(updated)"]}
    assert found.silent


def test_surprise_17_update_deletes_what_the_backup_lacks() -> None:
    labels = {"velero.io/backup-name": "b1", "velero.io/restore-name": "r1"}
    item = config_map("x", meta={"finalizers": ["f.io/backup"]}, labels=labels)
    there = config_map("x", meta={"finalizers": ["f.io/cluster"]}, labels=labels, immutable=True)
    found = restore([item], mode=STRICT, existing=[there], existing_resource_policy="update")
    assert found.bodies("patch") == [
        {"immutable": None, "metadata": {"finalizers": ["f.io/backup"], "labels": labels}}
    ], "both labels, though they are right already"


def test_surprise_17_update_deletes_what_actions_have_stripped() -> None:
    """A Service's address, for one, which the server then refuses."""
    service = obj("Service", "s", "shop", spec={"clusterIP": "10.0.0.7", "ports": []})
    found = restore([service], mode=STRICT, existing=[service], existing_resource_policy="update")
    (patch,) = found.bodies("patch")
    assert patch["spec"] == {"clusterIP": None}


@both_modes
@pytest.mark.parametrize("reason", ["Forbidden", "Invalid", "InternalError"])
def test_surprise_18_any_refusal_of_what_exists_is_a_comparison(mode: str, reason: str) -> None:
    cluster = FakeCluster(obj_namespace("shop"), OTHER)
    cluster.fail("get", "configmaps", error=api_error("NotFound"), times=1)
    cluster.fail("create", error=api_error(reason, "quota exceeded"))
    found = restore([X], mode=mode, cluster=cluster)
    assert found.warnings == {"namespaces": {"shop": [DIFFERENT.format("ConfigMap:x")]}}
    assert not found.errors


@both_modes
@pytest.mark.parametrize(
    ("causes", "there", "error"),
    [
        ([TAKEN], True, False),
        ([TAKEN, TAKEN], True, False),
        ([TAKEN], False, True),
        ([TAKEN, "other"], False, True),
    ],
    ids=["own-port", "own-ports", "port-of-another-service", "another-cause"],
)
def test_surprise_19_node_port_conflicts(
    mode: str, causes: list[str], there: bool, error: bool
) -> None:
    service = obj("Service", "web", "shop", spec={"type": "NodePort"})
    cluster = FakeCluster(obj_namespace("shop"), *([service] if there else []))
    cluster.fail("get", "services", error=api_error("NotFound"), times=1)
    cluster.fail("create", "services", error=api_error("Invalid", "port", causes=causes))
    found = restore([service], mode=mode, cluster=cluster, actions=[])
    text = "error restoring services/shop/web: port"
    assert found.errors == ({"namespaces": {"shop": [text]}} if error else {})


@both_modes
def test_surprise_20_existing_objects_get_nothing_that_follows(mode: str) -> None:
    pod = obj("Pod", "p", "shop", status={"phase": "Running"}, meta={"managedFields": [owner("a")]})
    cluster = FakeCluster(obj("Pod", "p", "shop"), crd(), established=False)
    found = restore(
        [pod, crd()],
        mode=mode,
        cluster=cluster,
        actions=[],
        restore_status={"includedResources": ["*"]},
    )
    assert not found.writes
    assert not cluster.clock.slept


# ------------------------------------------------------------------ single items


@both_modes
def test_surprise_21_finalizers_stay_and_owners_go(mode: str) -> None:
    item = config_map(meta={"finalizers": ["f.io/x"], "ownerReferences": [{"name": "o"}]})
    metadata = restore([item], mode=mode).cluster.see("configmaps", "shop", "x")["metadata"]
    assert metadata["finalizers"] == ["f.io/x"]
    assert "ownerReferences" not in metadata


@both_modes
def test_surprise_22_completed_pods_leave_no_trace_and_mirror_pods_are_listed(mode: str) -> None:
    """In Velero's artifacts; `items` tells of both."""
    done = obj("Pod", "done", "shop", status={"phase": "Succeeded"})
    mirror = obj("Pod", "mirror", "shop", annotations={"kubernetes.io/config.mirror": "x"})
    found = restore([done, mirror], mode=mode)
    assert found.listed == {"v1/Pod": ["shop/mirror(skipped)"]}
    assert found.report.restore["status"]["progress"] == {"totalItems": 1, "itemsRestored": 1}
    assert found.fates == {
        "v1/Pod/shop/done": ("skipped", "already_completed"),
        "v1/Pod/shop/mirror": ("skipped", "mirror_pod"),
    }


@both_modes
@pytest.mark.parametrize(
    ("status", "runs_again"),
    [
        ({"failed": 7, "conditions": [{"type": "Failed", "status": "True"}]}, True),
        ({"completionTime": ""}, True),
        ({"completionTime": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_surprise_23_failed_jobs_run_again(
    mode: str, status: dict[str, Any], runs_again: bool
) -> None:
    job = obj("Job", "j", "shop", api="batch/v1", status=status)
    found = restore([job], mode=mode, actions=[])
    assert found.writes == (["create jobs.batch/shop/j"] if runs_again else [])


@both_modes
def test_surprise_36_an_init_hook_without_a_command_costs_its_pod(mode: str) -> None:
    pod = obj(
        "Pod",
        "p",
        "shop",
        annotations={"init.hook.restore.velero.io/container-image": "busybox"},
        spec={"containers": [{"name": "a"}]},
    )
    found = restore([pod, config_map("x")], mode=mode)
    (text,) = found.errors["namespaces"]["shop"]
    assert text.startswith("error preparing pods/shop/p: rpc error: code = ")
    assert "init.hook.restore.velero.io/command" in text, "what to do"
    assert "plugin panicked: runtime error: index out of range [0] with length 0" in text
    assert found.fates == {
        "v1/ConfigMap/shop/x": CREATED,
        "v1/Pod/shop/p": ("failed", "action_failed"),
    }


@both_modes
@pytest.mark.parametrize(("existing", "listed"), [([], "created"), ([X], "failed")])
def test_surprise_46_a_missing_additional_item(mode: str, existing: Any, listed: str) -> None:
    found = restore([X], mode=mode, existing=existing, actions=[Action(wants("secrets/far/s"))])
    text = "stat resources/secrets/namespaces/far/s.json: no such file or directory"
    assert found.warnings == {"namespaces": {"far": [text]}}
    assert found.listed == {"v1/ConfigMap": [f"shop/x({listed})"]}
    assert found.phase == "Completed"


def not_ready(items: Any) -> bool:
    raise ActionError("broken")


@both_modes
@pytest.mark.parametrize(
    ("ready", "why"), [(lambda items: False, "context deadline exceeded"), (not_ready, "broken")]
)
def test_surprise_47_items_that_are_not_ready_do_not_stop_the_parent(
    mode: str, ready: Any, why: str
) -> None:
    action = Action(wants(wait_for_additional_items=True), ready=ready)
    found = restore([X], mode=mode, actions=[action])
    text = f"error verifying additional items are ready to use: {why}"
    assert found.errors == {"namespaces": {"shop": [text]}}
    assert found.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
def test_surprise_49_a_discarded_item_keeps_its_operation(mode: str) -> None:
    found = restore([X], mode=mode, actions=[Action(wants(operation_id="op", skip_restore=True))])
    (operation,) = found.store.json("restores/r1/restore-r1-itemoperations.json.gz")
    assert operation["spec"]["operationID"] == "op"
    assert found.listed == {"v1/ConfigMap": ["shop/x(skipped)"]}


@both_modes
@pytest.mark.parametrize(("verb", "severity"), [("put_status", "warnings"), ("patch", "errors")])
def test_surprise_50_status_is_a_warning_and_owners_are_an_error(
    mode: str, verb: str, severity: str
) -> None:
    item = obj(
        "Pod",
        "p",
        "shop",
        status={"phase": "Running"},
        meta={"managedFields": [owner("a"), owner("b")]},
    )
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail(verb, error=api_error("Forbidden", "no"))
    found = restore(
        [item],
        mode=mode,
        cluster=cluster,
        actions=[],
        restore_status={"includedResources": ["pods"]},
    )
    assert getattr(found, severity) == {"namespaces": {"shop": ["no"]}}
    assert not getattr(found, "errors" if severity == "warnings" else "warnings")
    assert found.listed == {"v1/Pod": ["shop/p(created)"]}


TERMINATING = obj("Namespace", "shop", status={"phase": "Terminating"})


@pytest.mark.rule("C2")
@pytest.mark.parametrize(("mode", "errors"), [(STRICT, 3), (SAFE, 1)])
def test_surprise_52_a_terminating_namespace(mode: str, errors: int) -> None:
    """Rule C2: waited for once in both modes, told once by default."""
    items = [config_map("a"), config_map("b"), config_map("c"), config_map("x", "bank")]
    restoring = Restoring(
        items,
        cluster=FakeCluster(TERMINATING),
        terminating_resource_timeout=10,
        compatibility=mode,
    )
    found = seen(restoring, restoring.run())
    text = (
        "timed out waiting for terminating namespace shop to disappear before restoring: context "
        "deadline exceeded"
    )
    assert found.errors == {"velero": [text] * errors}
    assert sum(restoring.clock.slept) == 10
    assert found.fates["v1/ConfigMap/shop/a"] == ("failed", "namespace_not_ready")
    assert found.fates["v1/ConfigMap/bank/x"] == CREATED
    assert found.phase == "PartiallyFailed"


@both_modes
def test_surprise_52_one_look_at_a_namespace_and_not_one_for_each_item(mode: str) -> None:
    found = restore([config_map("a"), config_map("b")], mode=mode)
    assert found.requests.count("get namespaces/shop") == 1
