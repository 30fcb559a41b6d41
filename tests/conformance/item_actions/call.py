"""One call of a built-in action, for unit tests."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from tests.conformance.item_actions.cluster import FakeCluster
from tests.conformance.item_actions.judge import build, server
from tests.conformance.item_actions.records import fresh

Manifest = dict[str, Any]


def environment(*objects: Manifest) -> ActionEnvironment:
    """The standing cluster and ``objects``."""
    return server(FakeCluster(list(objects)))


def execute(
    name: str,
    item: Manifest,
    *,
    spec: Manifest | None = None,
    backup: Manifest | None = None,
    known: ActionEnvironment | None = None,
) -> ExecuteOutput:
    """Calls Execute of ``velero.io/<name>`` with copies, as part of a Restore with ``spec``."""
    restore = {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": {"name": "r1", "namespace": "velero", "uid": "restore-uid"},
        "spec": {"backupName": "b1", **(spec or {})},
    }
    given = ExecuteInput(
        item=fresh(item),
        item_from_backup=fresh(item if backup is None else backup),
        restore=restore,
    )
    return build(f"velero.io/{name}", known or environment()).execute(given)


def updated(name: str, item: Manifest, **more: Any) -> Manifest:
    """The item that such a call returns."""
    found = execute(name, item, **more).updated_item
    if found is None:
        raise LookupError("the action returned no item")
    return found
