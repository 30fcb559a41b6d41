# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EBS volumes behind PersistentVolumes (SetVolumeID of the AWS plugin)."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_CSI_DRIVER = "ebs.csi.aws.com"
_ZONE_LABEL = "failure-domain.beta.kubernetes.io/zone"


def check_volume(pv: Manifest) -> None:
    """Raises VolumeError with Velero's texts when no EBS volume can be behind ``pv``."""
    spec = pv.get("spec") or {}
    csi = spec.get("csi")
    if csi is not None:
        if csi.get("driver") != _CSI_DRIVER:
            raise VolumeError(f"unable to handle CSI driver: {csi.get('driver', '')}")
    elif spec.get("awsElasticBlockStore") is None:
        raise VolumeError("spec.csi and spec.awsElasticBlockStore not found")


def with_volume(pv: Manifest, volume_id: str) -> Manifest:
    """Returns a copy of ``pv`` with another volume behind it; raises VolumeError."""
    check_volume(pv)
    out = copy.deepcopy(pv)
    spec: dict[str, Any] = out["spec"]
    if spec.get("csi") is not None:
        spec["csi"]["volumeHandle"] = volume_id
        return out
    zone = (out["metadata"].get("labels") or {}).get(_ZONE_LABEL)
    spec["awsElasticBlockStore"]["volumeID"] = f"aws://{zone}/{volume_id}" if zone else volume_id
    return out
