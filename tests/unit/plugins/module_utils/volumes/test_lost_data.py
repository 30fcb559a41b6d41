# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    REPROVISION,
    VolumeDecision,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.lost_data import why_lost

CSI = frozenset({"EnableCSI"})


@pytest.mark.parametrize(
    ("method", "info", "restore_pvs", "features", "left_out", "why"),
    [
        ("", {}, None, CSI, "", ""),
        ("", {"result": "failed"}, None, CSI, "", ""),
        ("PodVolumeBackup", {}, None, CSI, "", ""),
        ("PodVolumeBackup", None, True, CSI, "", ""),
        ("PodVolumeBackup", {"result": "failed"}, None, CSI, "", "the backup of its data failed"),
        ("PodVolumeBackup", {}, None, CSI, "pods", "leaves pods out"),
        ("PodVolumeBackup", {}, None, CSI, "persistentvolumes", "leaves persistentvolumes out"),
        ("PodVolumeBackup", {}, False, CSI, "pods", ""),
        ("CSISnapshot", {}, None, frozenset(), "", "EnableCSI is not among the features"),
        ("CSISnapshot", {}, None, CSI, "", "nothing in the backup of the claim leads to it"),
        ("CSISnapshot", {"result": "failed"}, None, CSI, "", "the backup of its data failed"),
        ("CSISnapshot", {}, False, frozenset(), "", ""),
    ],
)
def test_c10(
    method: str,
    info: dict[str, Any] | None,
    restore_pvs: bool | None,
    features: frozenset[str],
    left_out: str,
    why: str,
) -> None:
    found = why_lost(
        VolumeDecision(handling=REPROVISION, method=method),
        info,
        restore_pvs=restore_pvs,
        features=features,
        includes_resource=lambda gr: gr != left_out,
    )
    assert why in found
    assert bool(found) is bool(why)
    assert ("restore_pvs: false" in found) is bool(why)
