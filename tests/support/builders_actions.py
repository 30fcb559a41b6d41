"""Item actions of which a test says what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
    ItemAction,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_actions import (
    RestoreActions,
)
from tests.support.builders import Manifest

Execute = Callable[[ExecuteInput], ExecuteOutput]


def unchanged(given: ExecuteInput) -> ExecuteOutput:
    return ExecuteOutput()


@dataclass
class Action:
    """Implements ItemAction. ``asked`` are the additional items of each readiness call."""

    execute_with: Execute = unchanged
    name: str = "example.io/a"
    selector: ResourceSelector = field(default_factory=ResourceSelector)
    ready: Callable[[Sequence[ResourceIdentifier]], bool] = lambda items: True
    has_side_effects: bool = False
    asked: list[list[str]] = field(default_factory=list)

    def applies_to(self) -> ResourceSelector:
        return self.selector

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        return self.execute_with(given)

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        return OperationProgress(completed=True)

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        return None

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        self.asked.append([item.id for item in items])
        return self.ready(items)


def wants(*items: str, **output: Any) -> Execute:
    """``gr/namespace/name`` of additional items; for the item named ``x`` only."""

    def execute(given: ExecuteInput) -> ExecuteOutput:
        if given.item["metadata"]["name"] != "x":
            return ExecuteOutput()
        parts = [item.split("/") for item in items]
        return ExecuteOutput(
            additional_items=tuple(
                ResourceIdentifier(
                    resource=gr.partition(".")[0],
                    group=gr.partition(".")[2],
                    namespace=namespace,
                    name=name,
                )
                for gr, namespace, name in parts
            ),
            **output,
        )

    return execute


@contextmanager
def only_actions(*actions: ItemAction) -> Iterator[None]:
    """Whole restores run these actions and none of Velero's."""
    with mock.patch.object(RestoreActions, "bind", lambda *_environment: actions):
        yield
