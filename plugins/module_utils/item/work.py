# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One item on its way through the pipeline, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ansible_collections.velero.core.plugins.module_utils.model.items import ItemKey, ItemOutcome
from ansible_collections.velero.core.plugins.module_utils.model.names import resource_id
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.model.results import Results


class Note(NamedTuple):
    """A warning or error of an item. ``bucket`` is a namespace, empty for the cluster."""

    severity: str
    bucket: str
    text: str


@dataclass(slots=True)
class ItemReport:
    """Everything that came of one selected item, in order.

    ``log`` holds (level, message); ``diffs`` the field differences of what was updated.
    ``children`` are the reports of its additional items. A report that only says that the item
    was claimed by somebody else refers to that one's report as ``elsewhere``.
    """

    outcomes: list[ItemOutcome] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    velero_errors: list[str] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    diffs: list[dict[str, Any]] = field(default_factory=list)
    children: list[ItemReport] = field(default_factory=list)
    operations: list[ItemOperation] = field(default_factory=list)
    elsewhere: ItemReport | None = None
    processed: bool = False
    told: bool = False

    def warn(self, bucket: str, text: str) -> None:
        """Adds a warning that does not say why the item has its action."""
        self.notes.append(Note("warning", bucket, text))

    def add_to(self, results: Results) -> None:
        """Adds the notes to ``results``."""
        for note in self.notes:
            side = results.warnings if note.severity == "warning" else results.errors
            side.add(note.bucket, note.text)
        results.errors.velero.extend(self.velero_errors)


@dataclass(slots=True)
class ItemWork:
    """The working state of one object.

    ``gr`` is the group-resource it was stored under and decides filters and status;
    ``resource`` is where it is restored to. ``status`` is the saved status (None: it had none);
    ``completing_patch`` the merge patch that gives a created object its owners; ``original``
    reads the untouched object of the backup again. ``reencoded`` tells that Velero's typed
    re-encoding would make the object differ from any that is read from a cluster;
    ``start_containers`` names the init containers that only a pod which is started now gets.
    """

    gr: str
    source_namespace: str
    namespace: str
    obj: Manifest
    outcome: ItemOutcome
    report: ItemReport
    collides: bool = False
    kind: str = ""
    status: Any = None
    resource: ApiResource | None = None
    created: Manifest | None = None
    restore_status: bool = False
    reencoded: bool = False
    start_containers: set[str] = field(default_factory=set)
    completing_patch: Manifest | None = None
    original: Callable[[], Manifest] = dict

    @property
    def key(self) -> ItemKey:
        """Returns the identity of the item."""
        return self.outcome.key

    @property
    def name(self) -> str:
        """Returns the object's name as it is now."""
        return str(self.obj.get("metadata", {}).get("name", ""))

    @property
    def resource_id(self) -> str:
        """Returns the id that Velero's messages use."""
        return resource_id(self.gr, self.namespace, self.key.name)

    def log(self, level: str, text: str) -> None:
        """Adds a line to the restore log."""
        self.report.log.append((level, text))

    def warn(self, text: str, reason: str = "") -> None:
        """Adds a warning to the item's namespace or to the cluster."""
        self.report.notes.append(Note("warning", self.namespace, text))
        self.outcome.reason = reason or self.outcome.reason

    def error(self, text: str, reason: str = "") -> None:
        """Adds an error to the item's namespace or to the cluster."""
        self.report.notes.append(Note("error", self.namespace, text))
        self.outcome.reason = reason or self.outcome.reason

    def settle(self, action: str, reason: str) -> None:
        """Says what became of the item."""
        self.outcome.action, self.outcome.reason = action, reason


class Step(Protocol):
    """One step of an item's way."""

    def __call__(self, work: ItemWork) -> bool:
        """Does its part; returns whether the item goes on."""
