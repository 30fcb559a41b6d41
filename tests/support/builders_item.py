"""The working state of one item, for tests of single steps."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.item.work import ItemReport, ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.items import ItemKey, ItemOutcome
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    BACKUP_NAME_LABEL,
    RESTORE_NAME_LABEL,
)
from tests.support.builders import Manifest, api_of, gr_of

LABELS = {BACKUP_NAME_LABEL: "b1", RESTORE_NAME_LABEL: "r1"}


def work_on(item: Manifest, gr: str = "", **fields: Any) -> ItemWork:
    """An item on its way; its target namespace is its own unless given."""
    item = copy.deepcopy(item)
    metadata = item.get("metadata") or {}
    own = metadata.get("namespace", "")
    namespace = fields.pop("namespace", own)
    key = ItemKey(
        f"{item.get('apiVersion', '')}/{item.get('kind', '')}", namespace, metadata.get("name", "")
    )
    group, _slash, version = str(item.get("apiVersion", "")).rpartition("/")
    fields.setdefault("resource", api_of().by_kind(group, version, str(item.get("kind", ""))))
    return ItemWork(
        gr=gr or gr_of(item),
        source_namespace=own,
        namespace=namespace,
        obj=item,
        outcome=ItemOutcome(key),
        report=ItemReport(),
        kind=str(item.get("kind", "")),
        **fields,
    )


def notes(work: ItemWork) -> list[tuple[str, str, str]]:
    """What is told about an item: severity, namespace and text."""
    return [tuple(note) for note in work.report.notes]


def fate(work: ItemWork) -> tuple[str, str]:
    """Action and reason."""
    return work.outcome.action, work.outcome.reason


def logged(work: ItemWork) -> list[str]:
    """The texts of the item's log lines."""
    return [text for _level, text in work.report.log]
