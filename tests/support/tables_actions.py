"""Stand-ins for the item actions that the cases of the tables name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
)

Manifest = dict[str, Any]


@dataclass
class TableAction:
    """Does what a case's ``execute`` says, and remembers for which items it ran."""

    data: dict[str, Any]
    ran_for: list[str] = field(default_factory=list)
    has_side_effects: bool = False

    @property
    def name(self) -> str:
        return str(self.data["id"])

    def applies_to(self) -> ResourceSelector:
        selector = self.data.get("selector") or {}
        return ResourceSelector(
            included_namespaces=tuple(selector.get("included_namespaces") or ()),
            included_resources=tuple(selector.get("included_resources") or ()),
            label_selector=selector.get("label_selector") or "",
        )

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        metadata = given.item["metadata"]
        namespace, name = metadata.get("namespace", ""), metadata["name"]
        self.ran_for.append(f"{namespace}/{name}" if namespace else name)
        wanted = self.data.get("execute") or {}
        if "replace_labels" in wanted:
            metadata["labels"] = dict(wanted["replace_labels"])
        return ExecuteOutput(
            updated_item=given.item,
            additional_items=tuple(
                ResourceIdentifier(**item) for item in wanted.get("additional_items") or ()
            ),
            operation_id=(wanted.get("operation_id") or "").format(name=name),
        )

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        said = (self.data.get("execute") or {}).get("progress") or {}
        return OperationProgress(completed=bool(said.get("completed")))

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        return None

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        return True


def actions_of(data: dict[str, Any]) -> list[TableAction]:
    """The actions of a case, in order."""
    return [TableAction(action) for action in data.get("actions") or ()]
