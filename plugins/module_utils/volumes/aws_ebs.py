# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volumes of EBS snapshots, as Velero's AWS plugin makes them (volume_snapshotter.go).

Beyond it: gp3 volumes keep their IOPS and throughput, a volume is waited for until it can be
used, and a second try finds the volume of the first.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    VeleroCoreError,
    VolumeError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from ansible_collections.velero.core.plugins.module_utils.storage.aws_session import open_session
from ansible_collections.velero.core.plugins.module_utils.volumes.aws_config import (
    EbsConfig,
    ebs_config,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.aws_volumes import (
    check_volume,
    with_volume,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import VolumeRequest
from ansible_collections.velero.core.plugins.module_utils.waits.polling import poll

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

# Carries the token of the request, by which a later run finds the volume.
TOKEN_TAG = "velero.core/volume"

_IOPS_TYPES = ("io1", "io2")
_GP3 = "gp3"
_USABLE = ("available", "in-use")
_MAKING = "creating"
_GONE = ("deleting", "deleted", "error")
_NOT_FOUND = "InvalidVolume.NotFound"
_VOLUME_ID = re.compile(r"vol-.*")
_PAUSE = 2.0
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 10.0, 60.0, 5
_CLUSTER_TAGS = ("kubernetes.io/cluster/", "KubernetesCluster")
# Tags that AWS gives itself, and lets nobody else give.
_RESERVED = "aws:"

Tag = Mapping[str, str]
Found = TypeVar("Found")


def connect(location: SnapshotLocation, clock: Clock, timeout: float) -> EbsSnapshotter:
    """Returns the snapshotter of a location; nothing is sent yet. Raises VolumeError.

    A volume is waited for up to ``timeout`` seconds.
    """
    config = ebs_config(location)
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        missing = MissingLibraryError("boto3", "native snapshots in AWS", traceback.format_exc())
        raise VolumeError(str(missing)) from error
    errors = (BotoCoreError, ClientError)
    try:
        client = _client(config, location.name)
    except VeleroCoreError as error:
        raise VolumeError(str(error)) from error
    except (*errors, ValueError) as error:
        raise VolumeError(f"volume snapshot location {location.name}: {error}") from error
    return EbsSnapshotter(client, config, clock, timeout, errors)


def _client(config: EbsConfig, name: str) -> EC2Client:
    from boto3.session import Session as BotoSession
    from botocore.config import Config

    with ExitStack() as scratch:
        session = open_session(
            config.credentials,
            scratch,
            doing="opening volume snapshot location",
            target=name,
        )
        return BotoSession(botocore_session=session).client(
            "ec2",
            region_name=config.region,
            endpoint_url=config.url or None,
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            ),
        )


class EbsSnapshotter:
    """Implements VolumeSnapshotter. ``errors`` are what calls of ``client`` raise."""

    def __init__(
        self,
        client: EC2Client,
        config: EbsConfig,
        clock: Clock,
        timeout: float,
        errors: tuple[type[Exception], ...],
    ) -> None:
        self._client = client
        self._config = config
        self._clock = clock
        self._timeout = timeout
        self._errors = errors

    def check(self, pv: Manifest) -> None:
        """Raises VolumeError when no EBS volume can be behind ``pv``."""
        check_volume(pv)

    def set_volume_id(self, pv: Manifest, volume_id: str) -> Manifest:
        """Returns a copy of ``pv`` with another volume behind it."""
        return with_volume(pv, volume_id)

    def create_volume(self, request: VolumeRequest) -> str:
        """Returns the id of a usable volume: that of an earlier try, or a new one."""
        volume = self._made_before(request.token)
        if not volume:
            arguments = self._arguments(request)
            made: Any = self._ask(lambda: self._client.create_volume(**arguments))
            volume = str(made["VolumeId"])
        self._wait(volume)
        return volume

    def _made_before(self, token: str) -> str:
        found = self._ask(
            lambda: self._client.describe_volumes(
                Filters=[{"Name": f"tag:{TOKEN_TAG}", "Values": [token]}]
            )
        )
        usable = [one for one in found["Volumes"] if one["State"] not in _GONE]
        return str(usable[0]["VolumeId"]) if usable else ""

    def _arguments(self, request: VolumeRequest) -> dict[str, Any]:
        snapshot = self._snapshot(request.snapshot_id)
        tags = [{"Key": TOKEN_TAG, "Value": request.token}, *self._tags(snapshot.get("Tags", ()))]
        arguments: dict[str, Any] = {
            "SnapshotId": request.snapshot_id,
            "AvailabilityZone": request.zone,
            "Encrypted": bool(snapshot.get("Encrypted")),
            "TagSpecifications": [{"ResourceType": "volume", "Tags": tags}],
            "ClientToken": request.token,
        }
        if request.type:
            arguments["VolumeType"] = request.type
        if self._config.kms_key:
            arguments.update(Encrypted=True, KmsKeyId=self._config.kms_key)
        return {**arguments, **self._performance(request)}

    def _snapshot(self, snapshot_id: str) -> Mapping[str, Any]:
        found = self._ask(lambda: self._client.describe_snapshots(SnapshotIds=[snapshot_id]))
        count = len(found["Snapshots"])
        if count != 1:
            raise VolumeError(
                f"expected 1 snapshot from DescribeSnapshots for {snapshot_id}, got {count}"
            )
        return found["Snapshots"][0]

    def _tags(self, of_snapshot: Sequence[Tag]) -> list[dict[str, str]]:
        name, tags = self._config.cluster_name, []
        if name:
            tags += [
                {"Key": f"kubernetes.io/cluster/{name}", "Value": "owned"},
                {"Key": "KubernetesCluster", "Value": name},
            ]
        for tag in of_snapshot:
            of_cluster = bool(name) and tag["Key"].startswith(_CLUSTER_TAGS)
            if not of_cluster and not tag["Key"].startswith(_RESERVED):
                tags.append({"Key": tag["Key"], "Value": tag["Value"]})
        return tags

    def _performance(self, request: VolumeRequest) -> dict[str, int]:
        """Returns IOPS and throughput: recorded, those of the original volume, or configured.

        Velero records IOPS of io1 and io2 only, and nothing of gp3.
        """
        if request.type in _IOPS_TYPES:
            iops = request.iops or self._original(request.volume_id).get("Iops")
            return {"Iops": int(iops)} if iops else {}
        if request.type != _GP3:
            return {}
        original = self._original(request.volume_id)
        wanted = {
            "Iops": original.get("Iops") or self._config.iops,
            "Throughput": original.get("Throughput") or self._config.throughput,
        }
        return {key: int(value) for key, value in wanted.items() if value}

    def _original(self, volume_id: str) -> Mapping[str, Any]:
        """Returns the volume that was backed up; empty when it is gone or may not be seen."""
        match = _VOLUME_ID.search(volume_id)
        if match is None:
            return {}
        try:
            found = self._client.describe_volumes(VolumeIds=[match.group()])
        except self._errors:
            return {}
        return found["Volumes"][0] if found["Volumes"] else {}

    def _wait(self, volume: str) -> None:
        state = ""

        def usable() -> bool:
            nonlocal state
            state = self._state(volume)
            if state in _GONE:
                raise VolumeError(f"the new volume {volume} is in state {state}")
            return state in _USABLE

        if not poll(self._clock, usable, self._timeout, first_pause=_PAUSE, longest_pause=_PAUSE):
            raise VolumeError(
                f"the new volume {volume} is still in state {state or 'unknown'} after "
                f"{self._timeout:.0f} seconds"
            )

    def _state(self, volume: str) -> str:
        try:
            found = self._client.describe_volumes(VolumeIds=[volume])
        except self._errors as error:
            # What was just made may not be known everywhere yet.
            if _code(error) == _NOT_FOUND:
                return _MAKING
            raise VolumeError(_text(error)) from error
        return str(found["Volumes"][0]["State"]) if found["Volumes"] else _MAKING

    def _ask(self, call: Callable[[], Found]) -> Found:
        try:
            return call()
        except self._errors as error:
            raise VolumeError(_text(error)) from error


def _code(error: Exception) -> str:
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    return str((response.get("Error") or {}).get("Code") or "")


def _text(error: Exception) -> str:
    """Returns Velero's kind of text: the service's operation, code and message."""
    code = _code(error)
    if not code:
        return str(error)
    operation = getattr(error, "operation_name", "")
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    message = (response.get("Error") or {}).get("Message") or ""
    return f"operation error EC2: {operation}, api error {code}: {message}"
