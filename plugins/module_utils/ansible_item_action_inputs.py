# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the parameters of the item action modules to what single calls of actions need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ItemAction
from ansible_collections.velero.core.plugins.module_utils.actions.declared.sources import Source
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_binaries import (
    PluginBinaries,
    plugin_command,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_connect import Access
from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.restore.item_action_calls import (
    Subject,
    subject_of,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_action_catalog import (
    ActionCatalog,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_action_inputs import (
    item_of_backup,
    pod_volume_backups,
    recorded_restore,
    restore_object,
)
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource

Params = dict[str, Any]
_MOST_WARNINGS = 20
_LONGEST_WARNING = 500
_PLACES = ("storage", "storage_location", "archive")


class ItemActionInputs:
    """What the parameters mean; everything is read when it is needed first."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._from_backup: Params = params["from_backup"] or {}
        places = {name: self._from_backup.get(name) for name in _PLACES}
        self._opened = ExitStack()
        self.access = Access({**params, **places})
        self._opened.callback(self.access.close)
        self.clock = SystemClock()
        self.features = frozenset(params["features"])
        self.warnings: list[str] = []

    def close(self) -> None:
        """Closes what was opened, and ends plugin binaries."""
        self._opened.close()

    def warn(self, text: str) -> None:
        """Takes what the user should know; not more than one can read."""
        if len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(text[:_LONGEST_WARNING])

    @cached_property
    def api(self) -> ApiResources:
        """Returns what the cluster serves."""
        return self.access.cluster.discover()

    @cached_property
    def _source(self) -> BackupSource | None:
        if not self._from_backup:
            return None
        archive = self._from_backup["archive"] or ""
        return BackupSource(store=self.access.backups(), archive=archive)

    @property
    def _backup_name(self) -> str:
        if self._source is None:
            return ""
        return self._from_backup["backup_name"] or self._source.default_backup_name

    @cached_property
    def restore(self) -> Manifest:
        """Returns the Restore object that actions get; raises RequestError."""
        given = self._params["restore"]
        namespace = self._params["velero_namespace"]
        if isinstance(given, str) and given:
            store = self._source.store if self._source else None
            return recorded_restore(given, store, self.access.cluster, self.api, namespace)
        if given and not isinstance(given, dict):
            raise RequestError("reading", "restore", "it is neither a name nor a mapping")
        return restore_object(given or {}, namespace, self._backup_name)

    @cached_property
    def subject(self) -> Subject | None:
        """Returns the item; None when the task has none."""
        if self._source is None:
            item = self._params["item"]
            return subject_of(item, self.api, self.restore) if item else None
        given = self._from_backup
        gr, item = item_of_backup(
            self._source,
            self._backup_name,
            self.api,
            given["resource"],
            given["namespace"],
            given["name"],
        )
        return subject_of(item, self.api, self.restore, gr)

    def catalog(
        self,
        given: Sequence[Source] = (),
        *,
        inline_config: Mapping[str, Mapping[str, str]] | None = None,
        reads_cluster: bool = True,
    ) -> ActionCatalog:
        """Returns the actions."""
        source = self._source
        backup = self._backup_name
        environment = ActionEnvironment(
            cluster=self.access.cluster,
            velero_namespace=self._params["velero_namespace"],
            features=self.features,
            backup=source.find(backup) if source else None,
            pod_volume_backups=pod_volume_backups(source, backup),
            inline_config=inline_config or {},
            # The Restore object need not be in the cluster: nothing may be owned by it there.
            restore_in_cluster=False,
            warn=self.warn,
            glob_matches=glob_matches,
        )
        return ActionCatalog(
            environment,
            self.clock,
            given=given,
            binaries=self._plugin_actions,
            reads_cluster=reads_cluster,
        )

    def _plugin_actions(self, builtin: Sequence[ItemAction]) -> Sequence[ItemAction]:
        commands = [plugin_command(entry) for entry in self._params["plugin_binaries"]]
        if not commands:
            return ()
        running = self._opened.enter_context(PluginBinaries(commands, self._plugin_line))
        return running.actions(builtin)

    def _plugin_line(self, level: str, text: str) -> None:
        if level in ("warning", "error"):
            self.warn(f"A plugin says: {text}")
