# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.restore.record import (
    ClusterRecord,
    is_ours,
    phase_of,
)
from tests.support.builders import RESTORES, SERVED, Manifest, api_of, obj
from tests.support.fake_cluster import FakeCluster, api_error

OURS = {"app.kubernetes.io/managed-by": "velero.core"}


def record(phase: str = "Completed", *, ours: bool = True, **fields: Any) -> Manifest:
    status = {"phase": phase, "startTimestamp": "2026-01-01T00:00:00Z", **fields.pop("status", {})}
    labels = OURS if ours else {}
    return obj(
        "Restore",
        "r1",
        "velero",
        api="velero.io/v1",
        labels=labels,
        spec={},
        status=status,
        **fields,
    )


class Recording:
    def __init__(
        self, *objects: Manifest, mode: str = "auto", live: bool = False, crd: bool = True
    ) -> None:
        api = api_of(*SERVED, RESTORES) if crd else api_of()
        self.cluster = FakeCluster(obj("Namespace", "velero"), *objects, api=api)
        self.warnings: list[str] = []
        self.asked = 0

        def is_live() -> bool:
            self.asked += 1
            return live

        self.record = ClusterRecord(
            cluster=self.cluster,
            resource=RESTORES if crd else None,
            namespace="velero",
            mode=mode,
            is_live=is_live,
            warnings=self.warnings,
        )

    @property
    def stored(self) -> Manifest:
        return self.cluster.see("restores.velero.io", "velero", "r1")


@pytest.mark.parametrize(
    ("mode", "crd", "kept"),
    [
        ("auto", True, True),
        ("auto", False, False),
        ("cluster", True, True),
        ("storage", True, False),
    ],
)
def test_kept(mode: str, crd: bool, kept: bool) -> None:
    assert Recording(mode=mode, crd=crd).record.kept is kept


@pytest.mark.parametrize(
    ("mode", "crd", "live", "text"),
    [
        ("auto", False, True, ""),
        ("storage", False, True, ""),
        ("cluster", True, False, ""),
        ("cluster", False, False, "not installed"),
        ("cluster", True, True, "would act on it"),
    ],
)
def test_check(mode: str, crd: bool, live: bool, text: str) -> None:
    recording = Recording(mode=mode, crd=crd, live=live)
    if text:
        with pytest.raises(RequestError, match=text):
            recording.record.check()
    else:
        recording.record.check()


@pytest.mark.parametrize(
    ("mode", "live", "writes"),
    [
        ("auto", False, ["create restores.velero.io/velero/r1"]),
        ("auto", True, []),
        ("storage", False, []),
    ],
)
def test_begin(mode: str, live: bool, writes: list[str]) -> None:
    recording = Recording(mode=mode, live=live)
    recording.record.begin(record("InProgress"))
    assert recording.cluster.said() == writes


@pytest.mark.parametrize(
    ("live", "as_owner", "there"),
    [(False, False, True), (False, True, True), (True, False, False), (True, True, True)],
)
def test_beside_a_live_server_there_is_an_unfinished_object_only_as_owner(
    live: bool, as_owner: bool, there: bool
) -> None:
    recording = Recording(live=live)
    found = recording.record.begin(record("InProgress"), as_owner=as_owner)
    assert (found is not None) is there
    if found is not None:
        assert found["metadata"]["uid"] == recording.stored["metadata"]["uid"]


def test_a_rerun_leaves_the_object_as_it_is_until_the_end() -> None:
    recording = Recording(record(meta={"uid": "first"}), live=True)
    found = recording.record.begin(record("InProgress"), as_owner=True, is_rerun=True)
    assert found is not None
    assert found["metadata"]["uid"] == "first"
    assert not recording.cluster.writes
    recording.record.progress("r1", {"totalItems": 1})
    assert not recording.cluster.writes


@pytest.mark.parametrize("phase", ["InProgress", "Finalizing", "FinalizingPartiallyFailed"])
def test_only_a_terminal_record_finishes(phase: str) -> None:
    recording = Recording()
    recording.record.finish(record(phase))
    assert not recording.cluster.writes


@pytest.mark.parametrize(
    ("found", "wanted", "writes"),
    [
        pytest.param(record(), record(), 0, id="same-outcome"),
        pytest.param(
            record(status={"progress": {"totalItems": 4}}),
            record(status={"startTimestamp": "2026-02-01T00:00:00Z"}),
            0,
            id="other-times-and-numbers",
        ),
        pytest.param(record(), record("PartiallyFailed"), 1, id="other-phase"),
        pytest.param(record("InProgress"), record(), 1, id="unfinished"),
        pytest.param(record(status={"errors": 1}), record(), 1, id="other-count"),
    ],
)
def test_finish_writes_only_what_is_new(found: Manifest, wanted: Manifest, writes: int) -> None:
    recording = Recording(found)
    recording.record.finish(wanted)
    assert len(recording.cluster.writes) == writes
    assert phase_of(recording.stored) == phase_of(wanted)
    if writes:
        assert recording.stored["status"] == wanted["status"], "nothing old is left"


def test_progress_is_patched_only_into_what_was_begun() -> None:
    recording = Recording(record("InProgress"))
    recording.record.progress("r1", {"totalItems": 1})
    assert not recording.cluster.writes
    recording.record.begin(record("InProgress", status={"a": 1}))
    recording.record.progress("r1", {"totalItems": 1})
    assert recording.stored["status"]["progress"] == {"totalItems": 1}
    recording.cluster.fail("patch", error=api_error("Forbidden"))
    recording.record.progress("r1", {"totalItems": 2})
    assert not recording.warnings


@pytest.mark.parametrize("mode", ["auto", "cluster"])
def test_a_refused_record_stops_only_where_it_was_demanded(mode: str) -> None:
    recording = Recording(mode=mode)
    recording.cluster.fail("create", error=api_error("Forbidden", "no"))
    if mode == "cluster":
        with pytest.raises(ApiError):
            recording.record.begin(record("InProgress"))
    else:
        recording.record.begin(record("InProgress"))
        assert recording.warnings == ["The record could not be written to the cluster: no"]


@pytest.mark.parametrize(
    ("found", "writes"),
    [
        (record("InProgress"), 1),
        (record("Completed"), 0),
        (record("InProgress", ours=False), 0),
        (None, 0),
    ],
    ids=["unfinished", "finished", "not-ours", "absent"],
)
def test_heal(found: Manifest | None, writes: int) -> None:
    recording = Recording(*([found] if found else []))
    recording.record.heal(record())
    assert len(recording.cluster.writes) == writes


@pytest.mark.parametrize(
    ("finalizers", "live", "writes"),
    [
        ([], False, ["delete restores.velero.io/velero/r1"]),
        (
            ["f"],
            False,
            ["patch restores.velero.io/velero/r1", "delete restores.velero.io/velero/r1"],
        ),
        (["f"], True, ["delete restores.velero.io/velero/r1"]),
    ],
    ids=["no-finalizer", "left-by-a-dead-server", "live-server-removes-its-own"],
)
def test_remove(finalizers: list[str], live: bool, writes: list[str]) -> None:
    recording = Recording(record(meta={"finalizers": finalizers}), live=live)
    assert recording.record.remove("r1")
    assert recording.cluster.said() == writes


def test_remove_what_is_not_there() -> None:
    assert not Recording().record.remove("r1")
    assert not Recording(crd=False).record.remove("r1")


def test_remove_what_is_not_ours() -> None:
    recording = Recording(record(ours=False))
    with pytest.raises(RequestError, match=r"not made by velero\.core"):
        recording.record.remove("r1")
    assert not recording.cluster.writes


def test_liveness_is_asked_only_before_a_write() -> None:
    recording = Recording(record())
    recording.record.find("r1")
    recording.record.check()
    assert not recording.asked


@pytest.mark.parametrize(
    ("found", "ours"), [(record(), True), (record(ours=False), False), ({}, False)]
)
def test_is_ours(found: Manifest, ours: bool) -> None:
    assert is_ours(found) is ours


def test_an_object_without_a_phase_is_new() -> None:
    assert phase_of({}) == "New"
