"""The judge of the recorded restores: silent when all is as recorded, and not otherwise."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.compare import Dump, State, compare, dump, read
from tests.support.golden_cluster import Prepared, PreparedClusters
from tests.support.golden_data import GoldenCase, base_state, golden_case
from tests.support.golden_judge import (
    judge_artifacts,
    judge_restore,
    judge_results,
    judge_state,
)
from tests.support.simulate import DataPlane, Objects, prepare

_CASE = "b1-included-ns"


@pytest.fixture(scope="module")
def case() -> GoldenCase:
    found = golden_case(_CASE)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def by_hand(own_clusters: None, case: GoldenCase) -> Iterator[Prepared]:
    """A cluster in which the recorded state was made without the engine."""
    clusters = PreparedClusters(1)
    with clusters.take() as prepared:
        prepare(prepared.cluster, case.data)
        objects = Objects(prepared.cluster)
        for key in sorted(case.objects, key=lambda key: not key.startswith("namespaces/")):
            objects.create(case.objects[key])
        yield prepared
    clusters.close()


def test_base_is_the_recorded_one(by_hand: Prepared) -> None:
    recorded = base_state()
    if recorded is None:
        pytest.skip("the recorded base state is not in this repository")
    found = compare(recorded, by_hand.base.objects)
    # The port of the API server itself.
    found.changed.pop("services/default/kubernetes")
    assert found.lines() == []


def test_recorded_state_is_equal(by_hand: Prepared, case: GoldenCase) -> None:
    assert judge_state(case, by_hand.base, dump(by_hand.cluster)).lines() == []


def test_every_kind_of_difference_is_told(by_hand: Prepared, case: GoldenCase) -> None:
    after = dump(by_hand.cluster)
    state: State = copy.deepcopy(after.objects)
    gone = next(key for key in case.objects if key.startswith("secrets/"))
    changed = next(key for key in case.objects if key.startswith("configmaps/"))
    base_key = "namespaces/kube-public"
    del state[gone], state[base_key]
    state[changed]["data"] = {"other": "value"}
    state["configmaps/billing/new"] = {**state[changed], "metadata": {"name": "new"}}
    found = judge_state(case, by_hand.base, Dump(state, {}))
    assert found.missing == [gone, f"{base_key} (of the base)"]
    assert found.extra == ["configmaps/billing/new"]
    assert [one.pointer.split("/")[1] for one in found.changed[changed]] == ["data"] * len(
        found.changed[changed]
    )


def test_recorded_artifacts_are_equal(case: GoldenCase) -> None:
    (run,) = case.runs
    assert judge_restore(run.restore, copy.deepcopy(run.restore)) == []
    assert not any(judge_artifacts(run, copy.deepcopy(run.artifacts)).values())


def test_artifact_differences_are_told(case: GoldenCase) -> None:
    (run,) = case.runs
    restore = copy.deepcopy(run.restore)
    restore["status"]["progress"]["itemsRestored"] += 1
    restore["status"]["completionTimestamp"] = "2000-01-01T00:00:00Z"
    assert len(judge_restore(run.restore, restore)) == 1
    artifacts = copy.deepcopy(run.artifacts)
    artifacts["resource-list"]["v1/Secret"].pop()
    artifacts["results"]["warnings"] = {"cluster": ["new"]}
    del artifacts["volumeinfo"]
    found = {name: lines for name, lines in judge_artifacts(run, artifacts).items() if lines}
    assert found.keys() == {"resource-list", "results", "volumeinfo"}


def test_conditions_of_a_crd_come_in_any_order() -> None:
    conditions = [{"type": "NamesAccepted", "status": "True"}, {"type": "Established"}]

    def crd(members: list[dict[str, str]]) -> State:
        item = {"kind": "CustomResourceDefinition", "metadata": {"name": "a"}}
        return {"crd/a": {**item, "status": {"conditions": members}}}

    assert compare(crd(conditions), crd(conditions[::-1]), {}).equal
    assert not compare(crd(conditions), crd(conditions[:1]), {}).equal


def test_messages_are_a_multiset() -> None:
    expected = {"errors": {"velero": ["a", "b", "b"]}, "warnings": {}}
    assert judge_results(expected, {"errors": {"velero": ["b", "a", "b"]}}) == []
    assert judge_results(expected, {"errors": {"velero": ["b", "a", "a"]}}) == [
        'errors of velero: missing "b"',
        'errors of velero: extra "a"',
    ]
    other = {"errors": {"velero": ["x", "y", "z"]}}
    assert judge_results(expected, other, count_messages=True) == []


def test_timeouts_are_equal_however_they_are_worded() -> None:
    expected = {"errors": {"velero": ["waiting: context deadline exceeded"]}}
    found = "waiting: client rate limiter Wait returned an error: rate: Wait(n=1) would exceed it"
    assert judge_results(expected, {"errors": {"velero": [found]}}) == []


def test_data_plane_binds_pods_and_provisions_volumes(by_hand: Prepared) -> None:
    objects = Objects(by_hand.cluster)
    meta = {"name": "played", "namespace": "default"}
    objects.create(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "played"},
            "provisioner": "csi.example.test",
            "volumeBindingMode": "WaitForFirstConsumer",
        }
    )
    objects.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": meta,
            "spec": {
                "storageClassName": "played",
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            },
        }
    )
    pod = {"containers": [{"name": "c", "image": "registry.example.test/c:1"}]}
    objects.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod})
    with DataPlane(by_hand.cluster, ["bind-pods", "provision"]):
        _wait_for(
            lambda: _played(by_hand, "namespaces/default/pods/played", "nodeName") == "node-1"
        )
        _wait_for(lambda: _played(by_hand, "persistentvolumes/sim-default-played", "csi"))


def _played(prepared: Prepared, path: str, field: str) -> object:
    return (read(prepared.cluster, f"/api/v1/{path}") or {}).get("spec", {}).get(field)


def _wait_for(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
