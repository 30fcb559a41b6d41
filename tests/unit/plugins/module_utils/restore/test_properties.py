# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan and outcome, idempotence, interruption and concurrency of whole restores."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.restore.planning import (
    plan_entries,
    would_change,
)
from tests.support.builders import (
    RESTORES,
    SERVED,
    Manifest,
    MemoryCatalog,
    api_of,
    config_map,
    crd,
    examples,
    gr_of,
    labelled,
    obj,
    owner,
)
from tests.support.builders_run import Killed, Restoring, fates
from tests.support.fake_cluster import FakeCluster, api_error

APPS = "apps/v1"
RBAC = "rbac.authorization.k8s.io/v1"
KINDS: dict[str, tuple[str, bool]] = {
    "ConfigMap": ("v1", True),
    "Secret": ("v1", True),
    "ServiceAccount": ("v1", True),
    "Deployment": (APPS, True),
    "Pod": ("v1", True),
    "PersistentVolumeClaim": ("v1", True),
    "Service": ("v1", True),
    "Job": ("batch/v1", True),
    "ClusterRole": (RBAC, False),
    "PersistentVolume": ("v1", False),
    "Foo": ("example.io/v1", True),
    "Namespace": ("v1", False),
    "CustomResourceDefinition": ("apiextensions.k8s.io/v1", False),
}
OWNERS = st.sampled_from(
    [
        [],
        [owner("one", fieldsV1={})],
        [owner("one", "Apply", fieldsV1={})],
        [owner("one"), owner("two")],
    ]
)
DATA = st.fixed_dictionaries({"data": st.fixed_dictionaries({"v": st.sampled_from("12")})})
# What makes the actions and the steps of an item do something.
CONTENTS: dict[str, st.SearchStrategy[Manifest]] = {
    "ServiceAccount": st.sampled_from("xy").map(lambda name: {"secrets": [{"name": name}]}),
    "Deployment": st.just({"spec": {"replicas": 1}, "status": {"replicas": 1}}),
    "Pod": st.builds(
        lambda claim, phase, mirror: {
            "spec": {
                "nodeName": "node",
                "containers": [{"name": "c", "image": "i"}],
                "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}],
            },
            "status": {"phase": phase},
            "annotations": {"kubernetes.io/config.mirror": "m"} if mirror else {},
        },
        st.sampled_from(["n1", "n2", "gone"]),
        st.sampled_from(["Running", "Succeeded"]),
        st.booleans(),
    ),
    "PersistentVolumeClaim": st.sampled_from(["n1", "n2", ""]).map(
        lambda volume: {
            "spec": {"volumeName": volume} if volume else {},
            "status": {"phase": "Bound" if volume else "Pending"},
        }
    ),
    "PersistentVolume": st.sampled_from(["Delete", "Retain"]).map(
        lambda policy: {"spec": {"persistentVolumeReclaimPolicy": policy}}
    ),
    "Service": st.sampled_from(["10.0.0.1", "None"]).map(
        lambda address: {"spec": {"clusterIP": address, "ports": [{"port": 80}]}}
    ),
    "Job": st.sampled_from(["", "2020-01-01T00:00:00Z"]).map(
        lambda time: {"spec": {}, "status": {"completionTime": time} if time else {}}
    ),
}


@st.composite
def objects(draw: st.DrawFn, owners: bool = True) -> list[Manifest]:
    found = {}
    for kind in draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=9)):
        api, namespaced = KINDS[kind]
        namespace = draw(st.sampled_from(["a", "b", "c"])) if namespaced else ""
        name = draw(st.sampled_from(["n1", "n2"]))
        if kind == "Namespace":
            item = obj("Namespace", draw(st.sampled_from(["a", "b", "c"])))
        elif kind == "CustomResourceDefinition":
            item = crd()
        else:
            item = obj(kind, name, namespace, api=api, **draw(CONTENTS.get(kind, DATA)))
        if label := draw(st.sampled_from(["", "", "red", "blue"])):
            item["metadata"]["labels"] = {"colour": label}
        if owners and (entries := draw(OWNERS)):
            item["metadata"]["managedFields"] = [
                {**entry, "apiVersion": item["apiVersion"]} for entry in entries
            ]
        found[kind, namespace, item["metadata"]["name"]] = item
    return list(found.values())


SPECS = st.fixed_dictionaries(
    {
        "existing_resource_policy": st.sampled_from(["", "none", "update"]),
        "namespace_mapping": st.sampled_from([None, {"a": "t"}, {"a": "c"}, {"a": "c", "b": "c"}]),
        "included_namespaces": st.sampled_from([None, ["*"], ["a"], ["a", "b"], ["[ab]"], ["x*"]]),
        "excluded_resources": st.sampled_from([None, ["pvc"], ["secrets"], ["po", "deployments"]]),
        "label_selector": st.sampled_from([None, {"matchLabels": {"colour": "red"}}]),
        "include_cluster_resources": st.sampled_from([None, True, False]),
        "restore_status": st.sampled_from([None, {}]),
    }
)
SETTINGS = st.fixed_dictionaries(
    {
        "compatibility": st.sampled_from(["safe", "strict"]),
        "managed_fields": st.sampled_from(["restore", "drop"]),
    }
)
WITH_RECORD = api_of(*SERVED, RESTORES)


def cluster_of(existing: list[Manifest]) -> FakeCluster:
    """A cluster that has some objects of a backup; kinds that it lacks are left out."""
    cluster = FakeCluster(obj("Namespace", "velero"), api=WITH_RECORD)
    order = sorted(existing, key=lambda item: item["kind"] != "CustomResourceDefinition")
    for item in order:
        if item["kind"] != "Foo" or cluster.api.resolve("foos") is not None:
            cluster.put(item)
    for item in cluster.objects.values():
        item["metadata"]["creationTimestamp"] = "2020-01-01T00:00:00Z"
    return cluster


@examples(0.5)
@given(objects(), objects(), SPECS, SETTINGS)
def test_the_plan_is_what_a_run_does(
    backup: list[Manifest], existing: list[Manifest], spec: dict[str, Any], settings: dict[str, Any]
) -> None:
    restoring = Restoring(backup, cluster=cluster_of(existing), **settings)
    planned = restoring.run(check_mode=True, **spec)
    assert not restoring.cluster.writes
    assert not restoring.store.writes
    done = restoring.run(**spec)
    assert planned.plan is not None
    plain = [
        {key: value for key, value in entry.items() if key != "assumed"} for entry in planned.plan
    ]
    assert plain == plan_entries(done.outcomes, ())
    assert planned.changed is done.changed is would_change(done.outcomes)
    assert planned.results.to_dict() == done.results.to_dict()


@examples(0.5)
@given(objects(), objects(), SPECS)
def test_a_second_run_changes_nothing(
    backup: list[Manifest], existing: list[Manifest], spec: dict[str, Any]
) -> None:
    restoring = Restoring(backup, cluster=cluster_of(existing), rerun="always")
    first = restoring.run(**spec)
    if spec["existing_resource_policy"] == "update":
        # As in Velero a merged ServiceAccount gets the restore's labels when it is met again.
        first = restoring.run(**spec)
    before = restoring.cluster.content()
    restoring.forget_calls()
    second = restoring.run(**spec)
    about_objects = [call for call in restoring.cluster.writes if call.gr != "restores.velero.io"]
    if not first.results.errors.count:
        # What only an action asks for is not looked up first: the server refuses to create it,
        # also by an apply that only creates.
        assert {call.verb for call in about_objects} <= {"create", "apply"}
        assert not second.changed
    before.pop(("restores.velero.io", "velero", "r1"))
    after = restoring.cluster.content()
    after.pop(("restores.velero.io", "velero", "r1"))
    assert after == before
    if spec["existing_resource_policy"] == "" and not existing:
        actions = {action for action, _reason in fates(second).values()}
        assert actions <= {"unchanged", "skipped", "failed"}


def outcome(report: Any) -> Any:
    """What a restore came to, however it came there."""
    rows = [(one.to_dict()["id"], one.velero_action) for one in report.outcomes if one.listed]
    return (
        sorted(rows),
        report.results.to_dict(),
        report.phase,
        report.restore["status"].get("progress"),
    )


RICH: list[Manifest] = [
    obj("Namespace", "shop", labels={"a": "b"}),
    crd(),
    obj("Foo", "foo", "shop", api="example.io/v1", spec={"a": 1}),
    config_map("plain"),
    config_map("owned", meta={"managedFields": [owner("a"), owner("b")]}),
    config_map("applied", meta={"managedFields": [owner("a", "Apply")]}),
    config_map(
        "applied-in-part", data={"a": "1", "b": "2"}, meta={"managedFields": [owner("a", "Apply")]}
    ),
    config_map("there"),
    config_map("differs", data={"a": "1"}),
    obj("ServiceAccount", "sa", "shop", secrets=[{"name": "x"}]),
    obj("Deployment", "web", "shop", api=APPS, spec={"replicas": 1}, status={"replicas": 1}),
    obj("ClusterRole", "role", api=RBAC, rules=[]),
]
THERE: list[Manifest] = [
    config_map("there", "bank"),
    config_map("differs", "bank", data={"a": "2"}),
    obj("ServiceAccount", "sa", "bank", secrets=[{"name": "y"}]),
]
RICH_SPEC: dict[str, Any] = {"restore_status": {}, "namespace_mapping": {"shop": "bank"}}


def rich(policy: str, **settings: Any) -> Restoring:
    return Restoring(RICH, cluster=cluster_of(THERE), **settings)


def writes_of(policy: str) -> int:
    restoring = rich(policy)
    restoring.run(existing_resource_policy=policy, **RICH_SPEC)
    return len(restoring.cluster.writes) + len(restoring.store.writes)


@pytest.mark.parametrize("policy", ["", "update"])
def test_killed_at_any_write_and_run_again_is_as_if_nothing_had_been(policy: str) -> None:
    spec = {"existing_resource_policy": policy, **RICH_SPEC}
    undisturbed = rich(policy)
    wanted = outcome(undisturbed.run(**spec))
    content = without_record(undisturbed.cluster)
    for count in range(writes_of(policy)):
        restoring = rich(policy)
        restoring.kill_at(count)
        with pytest.raises(Killed):
            restoring.run(**spec)
        restoring.revive()
        restoring.clock.advance(30)
        again = restoring.run(**spec)
        assert without_record(restoring.cluster) == content, count
        assert resumed(outcome(again)) == resumed(wanted), count
        record = restoring.cluster.see("restores.velero.io", "velero", "r1")
        assert record["status"]["phase"] == again.phase, count


@pytest.mark.parametrize("policy", ["", "update"])
def test_answers_lost_at_any_write(policy: str) -> None:
    """The request takes effect, its answer does not come, and the process ends."""
    spec = {"existing_resource_policy": policy, **RICH_SPEC}
    undisturbed = rich(policy)
    wanted = outcome(undisturbed.run(**spec))
    content = without_record(undisturbed.cluster)
    for call in undisturbed.cluster.writes:
        if call.gr == "restores.velero.io":
            continue
        restoring = rich(policy)
        restoring.cluster.fail(call.verb, call.gr, call.name, error=Killed(), times=1, after=True)
        with pytest.raises(Killed):
            restoring.run(**spec)
        restoring.clock.advance(30)
        again = restoring.run(**spec)
        assert without_record(restoring.cluster) == content, str(call)
        assert resumed(outcome(again)) == resumed(wanted), str(call)


def without_record(cluster: FakeCluster) -> Any:
    return {
        place: item for place, item in cluster.content().items() if place[0] != "restores.velero.io"
    }


def resumed(result: Any) -> Any:
    """Objects that the cut-off run updated are equal now: nobody can tell who did it."""
    rows, messages, phase, progress = result
    known = [(identity, "skipped" if action == "updated" else action) for identity, action in rows]
    return known, messages, phase, progress


@examples(0.1)
@given(objects(), objects(), SPECS)
def test_concurrency_changes_nothing(
    backup: list[Manifest], existing: list[Manifest], spec: dict[str, Any]
) -> None:
    alone = Restoring(backup, cluster=cluster_of(existing), concurrency=1)
    together = Restoring(backup, cluster=cluster_of(existing), concurrency=8)
    assert outcome(alone.run(**spec)) == outcome(together.run(**spec))
    assert without_record(alone.cluster) == without_record(together.cluster)


JUNK = st.sampled_from([None, "text", 1, [], ["a"], [{"a": 1}], {}, {"a": None}, {"a": ["b"]}])


@st.composite
def malformed(draw: st.DrawFn) -> Manifest:
    kind = draw(st.sampled_from([*sorted(KINDS), "Pod", "PersistentVolumeClaim", "Service", "Job"]))
    api = KINDS.get(kind, ("batch/v1" if kind == "Job" else "v1", True))[0]
    item = obj(kind, "bad", "shop" if KINDS.get(kind, ("", True))[1] else "", api=api)
    for place in draw(
        st.lists(
            st.sampled_from(
                [
                    "spec",
                    "status",
                    "data",
                    "metadata",
                    "labels",
                    "annotations",
                    "managedFields",
                    "ownerReferences",
                    "claimRef",
                    "template",
                    "ports",
                    "containers",
                    "volumes",
                    "secrets",
                    "names",
                    "name",
                ]
            ),
            min_size=1,
            max_size=4,
        )
    ):
        value = copy.deepcopy(draw(JUNK))
        if place in ("labels", "annotations", "managedFields", "ownerReferences"):
            if isinstance(item.get("metadata"), dict):
                item["metadata"][place] = value
        elif place in ("claimRef", "template", "ports", "containers", "volumes", "names"):
            if isinstance(item.setdefault("spec", {}), dict):
                item["spec"][place] = value
        else:
            item[place] = value
    return item


@examples()
@given(malformed())
def test_no_malformed_item_ends_the_run(item: Manifest) -> None:
    good = config_map("good")
    place = (gr_of(item), "", "shop" if item["kind"] not in CLUSTER_SCOPED else "", "bad")
    catalog = MemoryCatalog([good], versions={place: item})
    restoring = Restoring(catalog)
    # A real server refuses what is malformed.
    refusal = api_error("Invalid", "malformed")
    restoring.cluster.fail("create", name="bad", error=refusal)
    restoring.cluster.fail("create", place[0], error=refusal) if place[0] not in (
        "configmaps",
        "namespaces",
    ) else None
    restoring.cluster.fail("apply", error=refusal)
    report = restoring.run(restore_status={})
    assert fates(report)["v1/ConfigMap/shop/good"] == ("created", "created")
    assert report.phase in ("Completed", "PartiallyFailed")


CLUSTER_SCOPED = {kind for kind, (_api, namespaced) in KINDS.items() if not namespaced}


def test_labelled_helper_is_what_a_restore_makes() -> None:
    restoring = Restoring([config_map()])
    restoring.run()
    made = restoring.cluster.see("configmaps", "shop", "x")["metadata"]["labels"]
    assert made == labelled(config_map())["metadata"]["labels"]
