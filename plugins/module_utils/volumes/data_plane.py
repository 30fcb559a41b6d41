# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the data of volumes can be moved: by node agents, from repositories that are ready.

PodVolumeRestores and DataDownloads need the same: the DaemonSet, and a BackupRepository that is
ready or that a live Velero server makes ready. PodVolumeRestores also need the Restore object in
the cluster: node agents read its UID from their owner.
"""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.actions.environment import Once
from ansible_collections.velero.core.plugins.module_utils.model.items import Reason
from ansible_collections.velero.core.plugins.module_utils.model.volumes import Obstacle
from ansible_collections.velero.core.plugins.module_utils.volumes.node_agents import NodeAgents
from ansible_collections.velero.core.plugins.module_utils.volumes.repositories import (
    BackupRepositories,
    RepositoryKey,
)

# Seconds in which a server that does not show itself makes a repository ready.
_PATIENCE = 10.0


class DataPlane:
    """Answers for one restore; each question is asked once. Threads may ask.

    ``is_live`` tells of a server that shows itself. With ``asks`` a repository that is to be made
    ready is the question whether there is one that does not.
    """

    def __init__(
        self,
        agents: NodeAgents,
        repositories: BackupRepositories,
        *,
        owned: bool,
        is_live: Callable[[], bool],
        asks: bool,
    ) -> None:
        self.agents = agents
        self.repositories = repositories
        self._owned = owned
        self._is_live = is_live
        self._asks = asks
        self._once = Once()

    def obstacle(self, key: RepositoryKey) -> Obstacle | None:
        """Returns why no data can be moved out of a repository; None when it can.

        PodVolumeRestores need no_owner() to be None as well.
        """
        return self._once.get(key, lambda: self._look(key))

    def why_not(self, namespace: str, location: str) -> str:
        """Returns why no data of a namespace can be moved out of a storage location."""
        obstacle = self.obstacle(RepositoryKey(namespace, location))
        return obstacle.text if obstacle else ""

    def no_owner(self) -> Obstacle | None:
        """Returns what is missing when the Restore object is not in the cluster."""
        if self._owned:
            return None
        text = "node agents work for a Restore object, and the record is not kept in the cluster"
        return Obstacle(Reason.NO_RESTORE_OBJECT, text)

    def _look(self, key: RepositoryKey) -> Obstacle | None:
        why = self.agents.why_missing()
        if why:
            text = f"Velero's node agent does not run: {why}"
            return Obstacle(Reason.NODE_AGENT_MISSING, text)
        may_change, why = self.repositories.look(key)
        if not why or (may_change and self._is_answered(key)):
            return None
        text = f"the BackupRepository of {key.volume_namespace} in {key.location}: {why}"
        return Obstacle(Reason.REPOSITORY_NOT_READY, text)

    def _is_answered(self, key: RepositoryKey) -> bool:
        if self._once.get("live", self._is_live):
            return True
        if not self._asks:
            return False
        answered = self.repositories.is_made_ready(key, _PATIENCE)
        if answered:
            self._once.put("live", True)
        # Once is enough: who has not answered is not there.
        self._asks = answered
        return answered
