# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The item actions of one restore: Velero's own, plugin binaries, then those of its user.

They are read and checked before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ItemAction
from ansible_collections.velero.core.plugins.module_utils.actions.declared.action import (
    Declaration,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.mappings import (
    check_storage_classes,
    inline_config,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.sources import (
    OwnActions,
    listed_actions,
    stored_actions,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_binaries import (
    PluginBinaries,
    plugin_command,
)
from ansible_collections.velero.core.plugins.module_utils.actions.registry import builtin_actions
from ansible_collections.velero.core.plugins.module_utils.model.errors import ForbiddenError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock, Cluster
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.restore.log_relay import LogRelay


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreActions:
    """All actions of a restore but for what they look at, which a plan replaces.

    ``inline_config`` configures Velero's actions; see ActionEnvironment. ``relay`` takes what
    plugins log; ``end`` ends their processes, so that all they logged has arrived.
    """

    inline_config: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    relay: LogRelay = field(default_factory=LogRelay)
    plugins: tuple[ItemAction, ...] = ()
    own: OwnActions = field(default_factory=OwnActions)
    end: Callable[[], None] = lambda: None

    def bind(self, environment: ActionEnvironment, clock: Clock) -> Sequence[ItemAction]:
        """Returns the actions in the order in which they run."""
        own = self.own.bind(environment.cluster, clock)
        return (*builtin_actions(environment), *self.plugins, *own)


@contextmanager
def open_actions(
    settings: Settings, cluster: Cluster, warn: Callable[[str], None] | None = None
) -> Iterator[RestoreActions]:
    """Reads the actions that ``settings`` ask for and ends what they started afterwards.

    With ``warn`` (for a plan) it only tells what the user may not read: a plan has to show all
    rights that are missing, not the first one.
    Raises RequestError for what is wrong with them, ClusterError when the cluster cannot be asked,
    PluginError and MissingLibraryError when a plugin cannot be run.
    """
    config = inline_config(settings.storage_class_mapping, settings.image_mapping)
    with _rights(warn):
        check_storage_classes(cluster, settings.storage_class_mapping)
    listed = list(listed_actions(settings.item_actions))
    stored: list[Declaration] = []
    if settings.cluster_item_actions:
        with _rights(warn):
            stored = stored_actions(cluster, settings.velero_namespace)
    commands = [plugin_command(entry) for entry in settings.plugin_binaries]
    own, relay = OwnActions([*stored, *listed]), LogRelay()
    with PluginBinaries(commands, relay.line) as binaries:
        plugins = binaries.actions(builtin_actions(ActionEnvironment(cluster=cluster)))
        own.check_names(action.name for action in plugins)
        yield RestoreActions(
            inline_config=config, relay=relay, plugins=plugins, own=own, end=binaries.close
        )


@contextmanager
def _rights(warn: Callable[[str], None] | None) -> Iterator[None]:
    try:
        yield
    except ForbiddenError as error:
        if warn is None:
            raise
        warn(str(error))
