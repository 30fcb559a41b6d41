# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All item actions that a restore would use, in order, with where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ItemAction,
    V1AsV2,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.action import (
    Declaration,
    DeclaredAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.live import LiveObjects
from ansible_collections.velero.core.plugins.module_utils.actions.declared.sources import (
    OwnActions,
    Source,
    stored_actions,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.registry import builtin_actions
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock

BUILTIN = "builtin"
PLUGIN_BINARY = "plugin_binary"
CONFIG_MAP = "config_map"
GIVEN = "given"

# Gets the built-in actions, whose names are taken, and returns those of plugin binaries.
Binaries = Callable[[Sequence[ItemAction]], Sequence[ItemAction]]

_BUILTIN_DOMAIN = "velero.io/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedAction:
    """An action, one of the constants above, and the ConfigMap or option that it stands in.

    ``ready_timeout`` is what a declared action says of it, in seconds; 0 when it says nothing.
    """

    action: ItemAction
    source: str
    origin: str = ""
    ready_timeout: float = 0

    @property
    def version(self) -> str:
        """Returns v1 for an action of the older contract that is adapted, else v2."""
        return "v1" if isinstance(self.action, V1AsV2) else "v2"

    @property
    def is_only_watched(self) -> bool:
        """Returns whether operations are somebody else's work, which cannot be cancelled."""
        return isinstance(self.action, DeclaredAction)


class ActionCatalog:
    """The actions by source; ConfigMaps are read when they are needed first.

    ``given`` are those of the task; ``binaries`` starts plugin binaries when it is called.
    """

    def __init__(
        self,
        environment: ActionEnvironment,
        clock: Clock,
        *,
        given: Sequence[Source] = (),
        binaries: Binaries = lambda builtin: (),
        reads_cluster: bool = True,
    ) -> None:
        self._environment = environment
        self._live = LiveObjects(environment.cluster, clock)
        self._given_sources = given
        self._start = binaries
        self._reads_cluster = reads_cluster

    def all(self) -> list[SourcedAction]:
        """Returns the actions in the order in which they run.

        Raises RequestError for a faulty one and for two of one name, ClusterError, PluginError.
        """
        own = OwnActions([*self._stored_sources, *self._given_sources])
        own.check_names(sourced.action.name for sourced in self._binaries)
        return [*self._builtin, *self._binaries, *self._stored, *self._given]

    def named(self, name: str) -> SourcedAction:
        """Returns the action of this name; a bare one (``pod``) may also mean velero.io/pod.

        ConfigMaps are looked at last, so that none are read for other actions. Raises
        RequestError, ClusterError, PluginError.
        """
        wanted = (name,) if "/" in name else (name, _BUILTIN_DOMAIN + name)
        known: list[str] = []
        for actions in self._groups():
            for sourced in actions:
                if sourced.action.name in wanted:
                    return sourced
            known.extend(sourced.action.name for sourced in actions)
        raise RequestError(
            "finding the item action", name, "there is none", f"There are {', '.join(known)}"
        )

    def given(self) -> list[SourcedAction]:
        """Returns the actions of the task."""
        return self._given

    def _groups(self) -> Iterator[Sequence[SourcedAction]]:
        yield self._given
        yield self._builtin
        yield self._binaries
        yield self._stored

    @cached_property
    def _builtin(self) -> list[SourcedAction]:
        return [
            SourcedAction(action=action, source=BUILTIN)
            for action in builtin_actions(self._environment)
        ]

    @cached_property
    def _binaries(self) -> list[SourcedAction]:
        started = self._start([sourced.action for sourced in self._builtin])
        return [SourcedAction(action=action, source=PLUGIN_BINARY) for action in started]

    @cached_property
    def _stored_sources(self) -> Sequence[Source]:
        if not self._reads_cluster:
            return ()
        environment = self._environment
        return stored_actions(environment.cluster, environment.velero_namespace)

    @cached_property
    def _stored(self) -> list[SourcedAction]:
        return [self._sourced(source, CONFIG_MAP) for source in self._stored_sources]

    @cached_property
    def _given(self) -> list[SourcedAction]:
        return [self._sourced(source, GIVEN) for source in self._given_sources]

    def _sourced(self, source: Source, kind: str) -> SourcedAction:
        if isinstance(source, Declaration):
            action = DeclaredAction(source, self._live)
            return SourcedAction(
                action=action, source=kind, origin=source.where, ready_timeout=source.timeout
            )
        return SourcedAction(action=source, source=kind)
