"""Do a recorded restore again with the engine, and say what differs."""

from __future__ import annotations

import gzip
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.describe.facts import RestoreFacts
from ansible_collections.velero.core.plugins.module_utils.model.durations import parse_duration
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ObjectNotFoundError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    ENABLE_CSI,
    STRICT,
    Priorities,
    RestoreRequest,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.facts import FactFinder
from ansible_collections.velero.core.plugins.module_utils.restore.info import restore_info
from ansible_collections.velero.core.plugins.module_utils.restore.ports import RestorePorts
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.restore.run import run_restore
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore
from tests.support.compare import Dump, Manifest, State, compare, dump, read, subtract
from tests.support.fake_ec2 import Ec2Snapshotters, FakeEc2, serve_ec2
from tests.support.golden_cluster import NAMESPACE, Prepared, add_backups, own_as_recorded
from tests.support.golden_data import (
    ARTIFACTS,
    LOG,
    ExpectedRun,
    GoldenCase,
    fill_bucket,
    native_snapshots,
)
from tests.support.golden_describe import judge_description
from tests.support.golden_judge import (
    Verdict,
    judge_artifacts,
    judge_objects,
    judge_restore,
    judge_state,
)
from tests.support.golden_log import judge_log
from tests.support.simulate import DataPlane, change_between, prepare, settle
from tests.testbed.cluster import Cluster

# Settings that are server flags in Velero.
_DURATIONS = {
    "terminating_resource_timeout": "--terminating-resource-timeout",
    "resource_timeout": "--resource-timeout",
    "default_item_operation_timeout": "--default-item-operation-timeout",
    "fs_backup_timeout": "--fs-backup-timeout",
}
# It holds objects that every cluster has.
_BACKUP_OF_THE_CLUSTER = "platform"


@dataclass
class RunOutcome:
    """One restore of ours."""

    restore: Manifest
    artifacts: dict[str, Any]
    facts: RestoreFacts  # as velero_restore_info finds them
    log: str = ""
    in_cluster: Manifest | None = None


@dataclass
class CaseOutcome:
    """What our restores of a case left behind, and how it compares with Velero's."""

    state: State
    removed: list[str]
    velero_objects: State
    runs: list[RunOutcome]
    verdict: Verdict
    seconds: float
    refusal: str = ""  # why our engine did not even begin


def settings_for(
    case: GoldenCase, *, compatibility: str = STRICT, concurrency: int = 16
) -> Settings:
    """The settings of the server that did the recorded restore, and our ways of working."""
    values: dict[str, Any] = {}
    for name, flag in _DURATIONS.items():
        text = case.flag(flag)
        if text:
            values[name] = parse_duration(text)
    features = case.flag("--features")
    # The recorded servers had this feature where a case says nothing of features.
    values["features"] = frozenset([ENABLE_CSI] if features is None else features.split(","))
    priorities = case.flag("--restore-resource-priorities")
    if priorities:
        high, _dash, low = (part.strip(",") for part in priorities.partition("-"))
        values["priorities"] = Priorities(
            **{
                name: tuple(part.split(","))
                for name, part in (("high", high), ("low", low))
                if part
            }
        )
    return Settings(
        velero_namespace=NAMESPACE,
        compatibility=compatibility,
        concurrency=concurrency,
        **values,
    )


def run_case(
    case: GoldenCase,
    prepared: Prepared,
    *,
    compatibility: str = STRICT,
    concurrency: int = 16,
    count_messages: bool = False,
    store: ObjectStore | None = None,
) -> CaseOutcome:
    """Restore as the case says into a prepared cluster, and compare.

    ``store`` holds the case's backups already; without it they are read from a directory.
    """
    started = time.monotonic()
    if _BACKUP_OF_THE_CLUSTER in case.backups:
        own_as_recorded(prepared, case)
    prepare(prepared.cluster, case.data)
    if prepared.has_crds:
        add_backups(prepared.cluster, case)
    settings = settings_for(case, compatibility=compatibility, concurrency=concurrency)
    runs: list[RunOutcome] = []
    refusal = ""
    with (
        _bucket(case) as folder,
        serve_ec2(native_snapshots(case)) as ec2,
        _connected(prepared.cluster) as api,
        DataPlane(prepared.cluster, case.data_plane),
    ):
        bucket = store or DirectoryStore(str(folder))
        for number, expected in enumerate(case.runs):
            if number:
                change_between(prepared.cluster, case.data)
            try:
                report = _restore(expected, settings, api, bucket, ec2)
            except VeleroCoreError as error:
                refusal = str(error)
                break
            runs.append(_outcome(expected, report, bucket, prepared, api))
        settle(prepared.cluster, case.data)
        after = dump(prepared.cluster)
    state, removed = subtract(after.objects, prepared.base.objects)
    return CaseOutcome(
        state=state,
        removed=removed,
        velero_objects=after.velero_objects,
        runs=runs,
        verdict=_judge(case, prepared.base, after, runs, refusal, count_messages),
        seconds=time.monotonic() - started,
        refusal=refusal,
    )


@contextmanager
def _bucket(case: GoldenCase) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="velero-core-bucket-") as folder:
        fill_bucket(case, Path(folder))
        yield Path(folder)


@contextmanager
def _connected(cluster: Cluster) -> Iterator[ApiCluster]:
    api = ApiCluster(connect(ConnectionOptions(kubeconfig=str(cluster.kubeconfig()))))
    try:
        yield api
    finally:
        api.close()


def _restore(
    expected: ExpectedRun,
    settings: Settings,
    api: ApiCluster,
    bucket: ObjectStore,
    ec2: FakeEc2,
) -> RestoreReport:
    request = RestoreRequest(
        spec=RestoreSpec.from_dict(expected.spec), settings=settings, name=expected.name
    )
    ports = RestorePorts(
        cluster=api,
        source=BackupSource(store=bucket),
        artifacts=bucket,
        clock=SystemClock(),
        snapshotters=Ec2Snapshotters(ec2, SystemClock()),
    )
    return run_restore(request, ports)


def _outcome(
    expected: ExpectedRun,
    report: RestoreReport,
    bucket: ObjectStore,
    prepared: Prepared,
    api: ApiCluster,
) -> RunOutcome:
    artifacts = {}
    for name, key in ARTIFACTS.items():
        content = _read(bucket, key.format(expected.name))
        if content is not None:
            artifacts[name] = json.loads(content)
    return RunOutcome(
        restore=report.restore,
        artifacts=artifacts,
        facts=_facts(expected.name, report, bucket, api),
        log=(_read(bucket, LOG.format(expected.name)) or b"").decode(),
        in_cluster=_recorded(prepared, expected.name),
    )


def _facts(name: str, report: RestoreReport, bucket: ObjectStore, api: ApiCluster) -> RestoreFacts:
    for info in restore_info(bucket, None, velero_namespace=NAMESPACE, name=name):
        return FactFinder(bucket, api, NAMESPACE).facts(info)
    # One that was refused is not recorded.
    return RestoreFacts(restore=report.restore)


def _read(bucket: ObjectStore, key: str) -> bytes | None:
    try:
        return gzip.decompress(bucket.read(key))
    except ObjectNotFoundError:
        return None


def _recorded(prepared: Prepared, name: str) -> Manifest | None:
    if not prepared.has_crds:
        return None
    path = f"/apis/velero.io/v1/namespaces/{NAMESPACE}/restores/{name}"
    return read(prepared.cluster, path)


def _judge(
    case: GoldenCase,
    base: Dump,
    after: Dump,
    runs: list[RunOutcome],
    refusal: str,
    count_messages: bool,
) -> Verdict:
    verdict = Verdict()
    if refusal:
        verdict.add("refused", [refusal])
    for expected, run in zip(case.runs, runs, strict=False):
        verdict.add(f"{expected.name} restore", judge_restore(expected.restore, run.restore))
        if run.in_cluster is not None:
            lines = judge_restore(expected.restore, run.in_cluster)
            verdict.add(f"{expected.name} restore object", lines)
    verdict.add("state", judge_state(case, base, after).lines())
    for expected, run in zip(case.runs, runs, strict=False):
        found = judge_artifacts(expected, run.artifacts, count_messages=count_messages)
        for name, lines in found.items():
            verdict.add(f"{expected.name} {name}", lines)
        described = judge_description(expected, run.facts, count_messages=count_messages)
        verdict.add(f"{expected.name} description", described)
        logged = judge_log(expected, run.log, count_messages=count_messages)
        verdict.add(f"{expected.name} log", logged)
    names = [run.name for run in case.runs]
    objects = judge_objects(case.velero_objects, after.velero_objects, names)
    verdict.add("velero objects", objects)
    return verdict


def differences_between(case: GoldenCase, one: CaseOutcome, other: CaseOutcome) -> list[str]:
    """What two outcomes of a case do not have in common."""
    verdict = Verdict()
    if one.refusal != other.refusal or one.removed != other.removed:
        verdict.add("case", [f"{one.refusal} {one.removed} and {other.refusal} {other.removed}"])
    verdict.add("state", compare(one.state, other.state, case.volatile).lines())
    for expected, first, second in zip(case.runs, one.runs, other.runs, strict=False):
        verdict.add("restore", judge_restore(first.restore, second.restore))
        seen = replace(expected, artifacts=first.artifacts)
        for name, lines in judge_artifacts(seen, second.artifacts).items():
            verdict.add(name, lines)
    names = [run.name for run in case.runs]
    objects = judge_objects(one.velero_objects, other.velero_objects, names)
    verdict.add("velero objects", objects)
    return verdict.lines
