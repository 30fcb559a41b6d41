# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What velero_restore does."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.ansible_connect import (
    Access,
    archive_limits,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_report import (
    failed,
    removed,
    return_values,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_request import restore_request
from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.restore.deletion import delete_restore
from ansible_collections.velero.core.plugins.module_utils.restore.ports import RestorePorts
from ansible_collections.velero.core.plugins.module_utils.restore.run import run_restore
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource


def run(params: dict[str, Any], check_mode: bool, diff: bool) -> dict[str, Any]:
    """Carries out, plans or removes the restore that the parameters describe."""
    request = restore_request(params)
    limits = archive_limits(params)
    check_archive(params["archive"])
    with closing(Access(params)) as access:
        backups = access.backups()
        ports = RestorePorts(
            cluster=access.cluster,
            source=BackupSource(store=backups, archive=params["archive"] or "", limits=limits),
            artifacts=access.artifacts(backups),
            clock=SystemClock(),
        )
        if params["state"] == "absent":
            report = delete_restore(request.name, ports, request.settings, check_mode=check_mode)
            return {**return_values(report, "summary", diff=False), "msg": removed(report)}
        review = check_mode and params["review_access"]
        report = run_restore(request, ports, check_mode=check_mode, review_access=review)
    values = return_values(report, params["result_detail"], diff=diff)
    return {**values, "failed": failed(report, params["fail_on"])}


def check_archive(path: str | None) -> None:
    """Raises RequestError when the option ``archive`` names no file."""
    if path and not os.path.isfile(path):
        raise RequestError(
            "reading", f"archive {path}", "there is no such file", "Check the path and the host"
        )
