"""Runs an action of ours as a record says and tells where the outcome differs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ItemAction,
    ResourceIdentifier,
    output_dict,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    FEATURE_CSI,
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.registry import builtin_actions
from tests.conformance.item_actions.cluster import FakeCluster
from tests.conformance.item_actions.compare import differences, exact_differences
from tests.conformance.item_actions.noise import ALWAYS_REAL, reencodes
from tests.conformance.item_actions.records import Manifest, Record, fresh

_ZERO_TIME = "0001-01-01T00:00:00Z"
_SERVER_FIELDS = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")
# Texts of Go's own decoders: that the input is refused counts, their words are compared up to here.
_DECODER = re.compile(
    r"cannot restore |cannot convert |unrecognized type: |json: cannot unmarshal |error decoding "
)


class MissingActionError(LookupError):
    """There is no such action yet."""


def server(cluster: FakeCluster) -> ActionEnvironment:
    """What the actions know of a server with all features."""
    return ActionEnvironment(cluster=cluster, features=frozenset({FEATURE_CSI}))


def build(name: str, environment: ActionEnvironment) -> ItemAction:
    """The action of that name. Raises MissingActionError."""
    for action in builtin_actions(environment):
        if action.name == name:
            return action
    raise MissingActionError(name)


def judge_execute(record: Record) -> list[str]:
    """Where the outcome of Execute differs from the record; empty when it passes."""
    cluster = record.cluster()
    action = build(record.action, server(cluster))
    data = record.data
    given = ExecuteInput(
        item=fresh(data["item"]),
        item_from_backup=fresh(data["itemFromBackup"]),
        restore=fresh(data["restore"]),
    )
    actual: Manifest = {"created": [], "updated": []}
    try:
        output = output_dict(action.execute(given))
        item = output.pop("updated_item")
        actual["output"] = {"item": data["item"] if item is None else item, **_keys(output)}
    except ActionError as error:
        actual["error"] = str(error)
    actual["created"] = [_stripped(body) for body in cluster.created]
    actual["updated"] = [_stripped(body) for body in cluster.updated]
    return list(_differences(actual, record))


def _keys(output: Manifest) -> Manifest:
    return {
        "additionalItems": output["additional_items"],
        "skipRestore": output["skip_restore"],
        "operationID": output["operation_id"],
        "waitForAdditionalItems": output["wait_for_additional_items"],
        "additionalItemsReadyTimeout": round(output["additional_items_ready_timeout"] * 1e9),
    }


def _differences(actual: Manifest, record: Record) -> Iterator[str]:
    actual, expected = fresh(actual), fresh(record.data)
    yield from _settle_volatile(actual, expected)
    if ("error" in actual) != ("error" in expected):
        yield f"ours: {_outcome(actual)}, theirs: {_outcome(expected)}"
        return
    if "error" in expected:
        yield from _errors(actual["error"], expected)
    else:
        yield from _outputs(actual["output"], expected)
    for key in ("created", "updated"):
        yield from _objects(key, actual[key], expected.get(key) or [])


def _outcome(side: Manifest) -> str:
    return f"error {side['error']!r}" if "error" in side else "no error"


def _errors(ours: str, expected: Manifest) -> Iterator[str]:
    theirs = expected["error"]
    if expected["errorCode"] == "ABORTED":
        return
    decoder = _DECODER.search(theirs)
    wanted = theirs[: decoder.start()] if decoder else theirs
    if not (ours.startswith(wanted) if decoder else ours == wanted):
        yield f"error: ours {ours!r}, theirs {theirs!r}"


def _outputs(ours: Manifest, expected: Manifest) -> Iterator[str]:
    theirs = expected["output"]
    theirs["additionalItemsReadyTimeout"] = theirs["additionalItemsReadyTimeout"] or 0
    items = ours.pop("item"), theirs.pop("item")
    if reencodes(expected):
        real = frozenset(ALWAYS_REAL.get(expected["action"], ()))
        yield from (f"item{text}" for text in differences(*items, _given(expected), real))
    else:
        yield from (f"item{text}" for text in exact_differences(*items))
    yield from exact_differences(ours, theirs)


def _given(expected: Manifest) -> Manifest:
    """What the item was made from: with the containers that the restore's init hooks add."""
    item: Manifest = expected["item"]
    if expected["action"] != "velero.io/init-restore-hook":
        return item
    hooks = (expected["restore"]["spec"].get("hooks") or {}).get("resources") or []
    raw = [
        container
        for resource in hooks
        for hook in resource.get("postHooks") or []
        for container in (hook.get("init") or {}).get("initContainers") or []
    ]
    if not raw:
        return item
    spec = item.get("spec") or {}
    # More entries than the outcome has: any of them may be meant (see compare.py).
    containers = [*raw, *(spec.get("initContainers") or []), {}, {}]
    return {**item, "spec": {**spec, "initContainers": containers}}


def _objects(key: str, ours: list[Manifest], theirs: list[Manifest]) -> Iterator[str]:
    if len(ours) != len(theirs):
        yield f"{key}: {len(ours)} objects in ours, {len(theirs)} in theirs"
        return
    for one, other in zip(ours, theirs, strict=True):
        yield from (f"{key}{text}" for text in _object_differences(one, other))


def _object_differences(ours: Manifest, theirs: Manifest) -> list[str]:
    # The Go client always sends the empty status of a DataDownload.
    if theirs.get("status") == {"progress": {}} and "status" not in ours:
        ours = {**ours, "status": {"progress": {}}}
    return list(exact_differences(ours, theirs))


def _stripped(body: Manifest) -> Manifest:
    metadata = {key: value for key, value in body["metadata"].items() if key not in _SERVER_FIELDS}
    return {**body, "metadata": metadata}


def _settle_volatile(actual: Manifest, expected: Manifest) -> Iterator[str]:
    """Checks volatile values against their patterns and gives both sides the same."""
    patterns = expected.get("volatilePatterns") or {}
    for pointer in expected.get("volatile") or []:
        value = _at(actual, pointer)
        if pointer in patterns and not re.search(patterns[pointer], str(value)):
            yield f"{pointer}: {value!r} does not match {patterns[pointer]}"
        for side in (actual, expected):
            _put(side, pointer, "volatile")
    for pointer in expected.get("unordered") or []:
        found = _at(actual, pointer)
        if isinstance(found, list):
            found.sort(key=_json_text)
            _at(expected, pointer).sort(key=_json_text)


def _json_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _at(value: Any, pointer: str) -> Any:
    """The value at a JSON pointer; None when there is none."""
    for step in _steps(pointer):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value


def _put(value: Any, pointer: str, new: str) -> None:
    parent, slash, last = pointer.rpartition("/")
    holder = _at(value, parent) if parent else value
    name = _steps(slash + last)[0]
    if isinstance(holder, dict) and name in holder:
        holder[name] = new
    elif isinstance(holder, list):
        holder[int(name)] = new


def judge_operation(record: Record) -> list[str]:
    """Where the outcome of Progress, Cancel or AreAdditionalItemsReady differs."""
    cluster = record.cluster()
    data = record.data
    actual: Manifest = {}
    try:
        actual["output"] = _call(build(record.action, server(cluster)), data)
    except ActionError as error:
        actual["error"] = str(error)
    if ("error" in actual) != ("error" in data):
        return [f"ours: {_outcome(actual)}, theirs: {_outcome(data)}"]
    found = list(_errors(actual["error"], data)) if "error" in data else []
    found += exact_differences(actual.get("output"), data.get("output"), "output")
    updated = [_stripped(body) for body in cluster.updated]
    return found + list(_objects("updated", updated, data.get("updated") or []))


def _call(action: ItemAction, data: Manifest) -> Any:
    restore = fresh(data["restore"])
    if data["method"] == "Cancel":
        action.cancel(data["operationID"], restore)
        return None
    if data["method"] == "AreAdditionalItemsReady":
        items = [ResourceIdentifier(**item) for item in data["additionalItems"]]
        return action.are_additional_items_ready(items, restore)
    found = action.progress(data["operationID"], restore)
    return {
        "completed": found.completed,
        "err": found.err,
        "nCompleted": found.n_completed,
        "nTotal": found.n_total,
        "operationUnits": found.operation_units,
        "description": found.description,
        "started": found.started or _ZERO_TIME,
        "updated": found.updated or _ZERO_TIME,
    }
