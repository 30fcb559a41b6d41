# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of a volume snapshot location in AWS: Velero's keys and some of our own.

Source: reference backup-storage-and-crs.md section 6.4, volume_snapshotter.go of the AWS plugin.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from ansible_collections.velero.core.plugins.module_utils.storage.aws_session import AwsCredentials

_VELERO_KEYS = ("credentialsFile", "ebsKmsKeyId", "enableSharedConfig", "profile", "region")
_OUR_KEYS = ("clusterName", "ec2Url", "iops", "throughput")


@dataclass(frozen=True, slots=True, kw_only=True)
class EbsConfig:
    """A checked configuration.

    ``iops`` and ``throughput`` (MiB/s) are for gp3 volumes of which these are not known otherwise;
    ``cluster_name`` makes the volumes those of this cluster (Velero's ``AWS_CLUSTER_NAME``).
    """

    region: str
    credentials: AwsCredentials = field(default_factory=AwsCredentials)
    kms_key: str = ""
    url: str = ""
    cluster_name: str = ""
    iops: int | None = None
    throughput: int | None = None


def ebs_config(location: SnapshotLocation) -> EbsConfig:
    """Returns the configuration of ``location``; VolumeError with Velero's texts."""
    config = location.config
    valid = sorted((*_VELERO_KEYS, *_OUR_KEYS))
    invalid = sorted(set(config) - set(valid))
    if invalid:
        raise VolumeError(
            f"config has invalid keys [{' '.join(invalid)}]; valid keys are [{' '.join(valid)}]"
        )
    if not config.get("region"):
        raise VolumeError("missing region in aws configuration")
    return EbsConfig(
        region=config["region"],
        credentials=AwsCredentials(
            profile=config.get("profile", ""),
            file=config.get("credentialsFile", ""),
            data=location.credentials,
        ),
        kms_key=config.get("ebsKmsKeyId", ""),
        url=config.get("ec2Url", ""),
        cluster_name=config.get("clusterName", ""),
        iops=_number(config.get("iops", ""), "iops"),
        throughput=_number(config.get("throughput", ""), "throughput"),
    )


def _number(text: str, key: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise VolumeError(f"config key {key} is {text!r}, not a number above 0")
    return int(text)
