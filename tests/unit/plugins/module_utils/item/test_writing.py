# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference sections 4.9 (creation), 4.10, 4.11 and 4.17."""

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.comparison import (
    ExistingObjectHandler,
)
from ansible_collections.velero.core.plugins.module_utils.item.creation import ObjectCreator
from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from ansible_collections.velero.core.plugins.module_utils.item.identity import (
    IdentityStep,
    reset_step,
)
from ansible_collections.velero.core.plugins.module_utils.item.resume import EarlierRun
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.item.writing import (
    CompletionStep,
    WriteStep,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
    RunAbortedError,
)
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes
from tests.support.builders import Manifest, config_map, crd, labelled, obj, owner
from tests.support.builders_item import LABELS, fate, logged, notes, work_on
from tests.support.fake_clock import FakeClock
from tests.support.fake_cluster import FakeCluster, api_error, established_status, obj_namespace

TAKEN = "provided port is already allocated"
EVERY_STATUS = IncludesExcludes()


class Writing:
    """The last steps of one item against a cluster."""

    def __init__(
        self,
        *existing: Manifest,
        status: IncludesExcludes | None = None,
        strict: bool = False,
        since: float | None = None,
        looked: bool = False,
        cluster: FakeCluster | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.cluster = cluster or FakeCluster(obj_namespace("shop"), *existing, clock=self.clock)
        self.existing = ExistingObjects(self.cluster, lambda namespace: False)
        self._looked = looked
        self._status = status
        creator = ObjectCreator(self.cluster, LABELS, managed_fields="restore", strict=strict)
        handler = ExistingObjectHandler(
            self.cluster, LABELS, policy="", strict=strict, keep_owners=True, diff_key=b"k"
        )
        self.write = WriteStep(
            self.cluster, self.existing, creator, handler, EarlierRun("r1", since), status
        )
        self.complete = CompletionStep(self.cluster, self.clock, creator, 10.0)

    def __call__(self, item: Manifest, *, collides: bool = False) -> ItemWork:
        work = work_on(item)
        reset_step(work)
        IdentityStep(LABELS, lambda: self.cluster.api)(work)
        work.collides = collides
        if self._looked:
            assert work.resource is not None
            self.existing.look(work.resource, work.namespace, [work.name])
        if self.write(work):
            self.complete(work)
        return work


def test_4_9_created() -> None:
    writing = Writing()
    work = writing(config_map())
    assert fate(work) == ("created", "created")
    assert work.outcome.exists
    assert work.outcome.created_name == "x"
    assert writing.cluster.said("get", "create") == ["create configmaps/shop/x"]
    assert logged(work) == ["Attempting to restore ConfigMap: x."]


def test_4_18_the_name_that_the_server_gave() -> None:
    writing = Writing()
    item = config_map("x")
    work = work_on(item)
    reset_step(work)
    work.obj["metadata"].update(name="", generateName="x-")
    IdentityStep(LABELS, lambda: writing.cluster.api)(work)
    assert writing.write(work)
    assert work.outcome.created_name.startswith("x-")
    assert work.outcome.key.name == "x"


def test_4_9_existence_first_makes_no_create() -> None:
    writing = Writing(config_map(), looked=True)
    assert fate(writing(config_map())) == ("unchanged", "equal")
    assert writing.cluster.said("get", "create") == ["get configmaps/shop/x"]


def test_4_9_already_exists_is_fetched_and_compared() -> None:
    writing = Writing(config_map(data={"a": "2"}))
    work = writing(config_map())
    assert fate(work) == ("", "exists_different")
    assert writing.cluster.said("get", "create") == [
        "create configmaps/shop/x",
        "get configmaps/shop/x",
    ]


@pytest.mark.parametrize("reason", ["Forbidden", "Invalid", "InternalError", "Conflict"])
@pytest.mark.parametrize(
    ("existing", "fates"),
    [(config_map(), ("unchanged", "equal")), (config_map(data={}), ("", "exists_different"))],
    ids=["equal", "different"],
)
def test_4_9_and_18_any_refusal_of_an_existing_object_is_a_comparison(
    reason: str, existing: Manifest, fates: tuple[str, str]
) -> None:
    writing = Writing(existing)
    writing.cluster.fail("create", error=api_error(reason, "refused"))
    work = writing(config_map())
    assert fate(work) == fates
    assert not [text for severity, _bucket, text in notes(work) if severity == "error"]


@pytest.mark.parametrize("reason", ["Forbidden", "Invalid", "InternalError", "Conflict"])
def test_4_9_refused_and_not_there_is_an_error(reason: str) -> None:
    writing = Writing()
    writing.cluster.fail("create", error=api_error(reason, "refused"))
    work = writing(config_map())
    assert notes(work) == [("error", "shop", "error restoring configmaps/shop/x: refused")]
    assert fate(work) == ("", "create_failed")
    assert not work.outcome.exists


def test_4_9_a_kind_that_is_not_served_costs_one_request() -> None:
    writing = Writing()
    work = writing(obj("Foo", "f", "shop", api="g.io/v1"))
    text = "error restoring foos.g.io/shop/f: the server could not find the requested resource"
    assert notes(work) == [("error", "shop", text)]
    assert writing.cluster.said("get", "create") == ["create foos.g.io/shop/f"]


def test_4_9_already_exists_but_cannot_be_fetched_is_a_warning() -> None:
    writing = Writing(config_map())
    writing.cluster.fail("get", error=api_error("Forbidden", "not yours"))
    work = writing(config_map())
    assert notes(work) == [("warning", "shop", "not yours")]
    assert fate(work) == ("", "existing_not_readable")
    assert logged(work)[-1] == (
        "Unable to retrieve in-cluster version of configmaps/shop/x: not yours, object won't be "
        "restored by velero or have restore labels, and existing resource policy is not applied"
    )


SERVICE = obj("Service", "web", "shop", spec={"type": "NodePort"})


def test_4_9_and_19_node_port_taken_by_the_service_itself() -> None:
    writing = Writing(SERVICE)
    writing.cluster.fail("create", error=api_error("Invalid", "port", causes=[TAKEN]))
    assert fate(writing(SERVICE)) == ("unchanged", "equal")


def test_4_9_and_19_node_port_taken_by_another_service() -> None:
    writing = Writing()
    writing.cluster.fail("create", error=api_error("Invalid", "port", causes=[TAKEN]))
    work = writing(SERVICE)
    assert notes(work) == [("error", "shop", "error restoring services/shop/web: port")]


def test_4_9_node_port_and_the_service_cannot_be_read() -> None:
    writing = Writing()
    writing.cluster.fail("create", error=api_error("Invalid", "port", causes=[TAKEN]))
    writing.cluster.fail("get", error=api_error("InternalError", "boom"))
    assert notes(writing(SERVICE)) == [
        (
            "error",
            "shop",
            "Unable to get the service shop/web while checking the NodePort is already allocated "
            "error: boom",
        )
    ]


def test_unauthorized_stops_the_run() -> None:
    writing = Writing()
    writing.cluster.fail("create", error=api_error("Unauthorized", "expired"))
    with pytest.raises(RunAbortedError, match=r"expired. Renew the credentials"):
        writing(config_map())


def test_a_lost_connection_stops_the_run() -> None:
    writing = Writing()
    writing.cluster.fail("create", error=ConnectionFailedError("creating", "x", "reset"))
    with pytest.raises(ConnectionFailedError):
        writing(config_map())


def test_a_collision_is_never_taken_for_an_object_of_an_earlier_run() -> None:
    writing = Writing(labelled(config_map(data={"a": "2"})), since=0.0)
    work = writing(config_map(), collides=True)
    assert fate(work) == ("", "mapped_namespace_collision")


# ------------------------------------------------------------------ resume


def test_an_object_of_the_cut_off_run_is_taken_over_and_completed() -> None:
    owners = [owner("a"), owner("b")]
    writing = Writing(labelled(config_map()), since=FakeClock().now())
    work = writing(config_map(meta={"managedFields": owners}))
    assert fate(work) == ("created", "created_before_resume")
    assert work.outcome.created_name == "x"
    assert [call.body for call in writing.cluster.writes if call.verb == "patch"] == [
        {"metadata": {"managedFields": owners}}
    ]


def test_an_object_of_the_cut_off_run_gets_its_status() -> None:
    pod = obj("Pod", "p", "shop", status={"phase": "Running"})
    bare = {key: value for key, value in pod.items() if key != "status"}
    writing = Writing(labelled(bare), since=0.0, status=EVERY_STATUS, looked=True)
    work = writing(pod)
    assert fate(work) == ("created", "created_before_resume")
    assert writing.cluster.see("pods", "shop", "p")["status"] == {"phase": "Running"}


# ------------------------------------------------------------------ status

POD = obj("Pod", "p", "shop", status={"phase": "Running"})


@pytest.mark.parametrize(
    ("status", "item", "written"),
    [
        pytest.param(None, POD, False, id="no-restore-status"),
        pytest.param(EVERY_STATUS, POD, True, id="wanted"),
        pytest.param(EVERY_STATUS, obj("Pod", "p", "shop"), False, id="the-backup-has-none"),
        pytest.param(
            None,
            {
                **POD,
                "metadata": {
                    **POD["metadata"],
                    "annotations": {"velero.io/restore-status": " True "},
                },
            },
            True,
            id="1-annotation",
        ),
    ],
)
def test_4_10_status_of_a_created_object(
    status: IncludesExcludes | None, item: Manifest, written: bool
) -> None:
    writing = Writing(status=status)
    work = writing(item)
    assert ("put_status pods/shop/p" in writing.cluster.said()) is written
    assert ("status" in writing.cluster.see("pods", "shop", "p")) is written
    assert fate(work) == ("created", "created")


def test_4_10_a_failed_status_is_a_warning_and_the_item_goes_on() -> None:
    writing = Writing(status=EVERY_STATUS)
    item = config_map(status={"a": 1}, meta={"managedFields": [owner("a"), owner("b")]})
    work = writing(item)
    assert notes(work) == [("warning", "shop", "the server could not find the requested resource")]
    assert fate(work) == ("created", "created")
    assert writing.cluster.said()[-1] == "patch configmaps/shop/x", "owners are still restored"


def test_20_an_existing_object_gets_no_status() -> None:
    writing = Writing(obj("Pod", "p", "shop"), status=EVERY_STATUS)
    writing(POD)
    assert writing.cluster.said() == ["create pods/shop/p"]


# ------------------------------------------------------------------ owners


@pytest.mark.parametrize(
    ("reason", "severity", "fates"),
    [
        ("NotFound", "warning", ("created", "created")),
        ("Forbidden", "error", ("created", "managed_fields_failed")),
        ("Conflict", "error", ("created", "managed_fields_failed")),
    ],
)
def test_4_11_failing_owners(reason: str, severity: str, fates: tuple[str, str]) -> None:
    writing = Writing()
    writing.cluster.fail("patch", error=api_error(reason, "no owners"))
    work = writing(config_map(meta={"managedFields": [owner("a"), owner("b")]}))
    assert notes(work) == [(severity, "shop", "no owners")]
    assert fate(work) == fates


# ------------------------------------------------------------------ definitions


def definitions(established: bool) -> Writing:
    clock = FakeClock()
    cluster = FakeCluster(clock=clock, established=established)
    writing = Writing(cluster=cluster)
    writing.complete = CompletionStep(
        cluster, clock, ObjectCreator(cluster, LABELS, managed_fields="restore", strict=False), 10.0
    )
    writing.clock = clock
    return writing


def test_4_17_a_definition_that_is_ready() -> None:
    writing = definitions(established=True)
    assert not notes(writing(crd()))


def test_4_17_a_definition_that_becomes_ready() -> None:
    writing = definitions(established=False)
    gr = "customresourcedefinitions.apiextensions.k8s.io"

    def establish() -> None:
        if len(writing.clock.slept) == 3:
            writing.cluster.see(gr, "", "foos.example.io")["status"] = established_status()

    writing.clock.on_sleep = establish
    assert not notes(writing(crd()))
    assert len(writing.clock.slept) == 3


def test_4_17_a_definition_that_never_is() -> None:
    writing = definitions(established=False)
    work = writing(crd())
    assert notes(work) == [
        (
            "error",
            "",
            "error verifying the CRD foos.example.io is ready to use: context deadline exceeded",
        )
    ]
    assert fate(work) == ("created", "crd_not_ready")


def test_20_an_existing_definition_is_not_waited_for() -> None:
    writing = Writing(cluster=FakeCluster(crd(), established=False))
    work = writing(crd())
    assert not writing.clock.slept
    assert work.outcome.exists


def test_nothing_is_written_for_an_item_without_a_destination() -> None:
    writing = Writing()
    work = work_on(config_map(), resource=None)
    assert not writing.write(work)
    assert not writing.complete(work)
    assert not writing.cluster.writes
