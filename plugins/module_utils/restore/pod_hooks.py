# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exec hooks of one restore, with what an earlier run of it has kept."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.hooks import RestoreHooks
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog


def restore_hooks(
    context: RestoreContext,
    record: Manifest,
    cluster: Cluster,
    log: RestoreLog,
    *,
    resumes: bool = False,
) -> RestoreHooks:
    """Returns the hooks of a restore; the caller closes them. Raises StorageError."""
    artifacts, uid = context.artifacts, str(record["metadata"].get("uid") or "")

    def keep(rows: list[dict[str, Any]]) -> None:
        if artifacts is not None:
            files = artifacts
            context.keep(lambda: files.write_hooks(uid, rows))

    return RestoreHooks(
        context.spec.hooks,
        cluster,
        context.clock,
        log.line,
        context.settings,
        restore=context.name,
        rows=artifacts.read_hooks(uid) if resumes and artifacts is not None else (),
        keep=keep,
    )
