"""Do the restores of the tables with the engine, below its controllers, in this process."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.archive.reader import read_archive
from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.items import ItemOutcome
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    ENABLE_API_GROUP_VERSIONS,
    STRICT,
    Priorities,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.engine import restore_items
from ansible_collections.velero.core.plugins.module_utils.restore.engine_data import (
    EngineInput,
    EngineOutput,
)
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
from ansible_collections.velero.core.plugins.module_utils.restore.volumes import VolumeInput
from tests.support.tables_actions import TableAction, actions_of
from tests.support.tables_cases import TableCase, judge, lenient_api, tarball
from tests.support.tables_functions import call_function
from tests.support.tables_volumes import (
    StandInPodVolumes,
    snapshotter_calls,
    table_snapshotters,
    volume_input,
)

_TERMINATING_MS = 60_000
_LENIENT_KEYS = ("api_resources", "velero_objects", "faults")


def check_case(
    case: TableCase, *, compatibility: str = STRICT, concurrency: int = 16, observed: bool = False
) -> list[str]:
    """Returns what is not as Velero has it; nothing when all is."""
    if case.is_restore:
        return _check_restore(case, compatibility, concurrency, observed)
    output = call_function(str(case.data["function"]), case.data["input"])
    if output is None:
        return ["there is no such function"]
    failures: list[str] = judge().check_function(case.data, {"output": output})
    return failures


def _check_restore(
    case: TableCase, compatibility: str, concurrency: int, observed: bool
) -> list[str]:
    data = case.data
    config = {key: data[key] for key in _LENIENT_KEYS if data.get(key)}
    config["options"] = {"velero_resources": True, **(data.get("api_options") or {})}
    actions, snapshotters = actions_of(data), table_snapshotters(data)
    volumes, pod_volumes = volume_input(data, snapshotters), StandInPodVolumes(data)
    with lenient_api(config) as api, connected(api.url) as cluster:
        output = _restore(data, cluster, compatibility, concurrency, actions, volumes, pod_volumes)
        state, log = api.state(), api.log()
    result = {
        "warnings": _messages(output.results.warnings),
        "errors": _messages(output.results.errors),
        "restored_items": [_item(outcome) for outcome in output.outcomes if outcome.listed],
        "action_items": {action.name: action.ran_for for action in actions},
        "pod_volume_restores": pod_volumes.started,
        "snapshotter_calls": snapshotter_calls(snapshotters),
        "operations": [_operation(data, operation) for operation in output.operations],
    }
    failures: list[str] = judge().check_restore(data, state, log, result, observed)
    return failures


@contextmanager
def connected(url: str) -> Iterator[ApiCluster]:
    """Our client of a server at ``url``."""
    cluster = ApiCluster(connect(ConnectionOptions(host=url)))
    try:
        yield cluster
    finally:
        cluster.close()


def _restore(
    data: dict[str, Any],
    cluster: ApiCluster,
    compatibility: str,
    concurrency: int,
    actions: list[TableAction],
    volumes: VolumeInput,
    pod_volumes: StandInPodVolumes,
) -> EngineOutput:
    settings = _settings(data, compatibility, concurrency)
    metadata = data["restore"]["metadata"]
    clock = SystemClock()

    def open_catalog() -> Catalog:
        return read_archive(
            io.BytesIO(tarball(data)),
            keep_versions=ENABLE_API_GROUP_VERSIONS in settings.features,
            allow_duplicates=settings.strict,
            ignore_special=settings.strict,
            allow_missing_end=settings.strict,
        )

    log = RestoreLog(clock, metadata["name"])
    try:
        return restore_items(
            EngineInput(
                name=metadata["name"],
                restore=data["restore"],
                actions=actions,
                volumes=volumes,
                pod_volumes=pod_volumes,
                spec=RestoreSpec.from_dict(data["restore"].get("spec") or {}),
                backup=data["backup"],
                settings=settings,
                open_catalog=open_catalog,
            ),
            cluster,
            clock,
            log,
        )
    finally:
        log.close()


def _settings(data: dict[str, Any], compatibility: str, concurrency: int) -> Settings:
    priorities = data.get("resource_priorities") or {}
    return Settings(
        velero_namespace=data["restore"]["metadata"]["namespace"],
        priorities=Priorities(
            high=tuple(priorities.get("high") or ()), low=tuple(priorities.get("low") or ())
        ),
        terminating_resource_timeout=(
            data.get("resource_terminating_timeout_ms", _TERMINATING_MS) / 1000
        ),
        features=frozenset(data.get("features") or ()),
        compatibility=compatibility,
        concurrency=concurrency,
    )


def _messages(messages: Messages) -> dict[str, Any]:
    return {
        "velero": messages.velero,
        "cluster": messages.cluster,
        "namespaces": messages.namespaces,
    }


def _item(outcome: ItemOutcome) -> dict[str, Any]:
    return {
        "api_kind": outcome.key.api_kind,
        "namespace": outcome.key.namespace,
        "name": outcome.key.name,
        "action": outcome.velero_action,
        "item_exists": outcome.exists,
        "created_name": outcome.created_name,
    }


def _operation(data: dict[str, Any], operation: ItemOperation) -> dict[str, Any]:
    return {
        "resource": operation.resource,
        "namespace": operation.namespace,
        "name": operation.name,
        "restore_name": data["restore"]["metadata"]["name"],
        "operation_id": operation.operation_id,
        "phase": operation.phase,
    }
