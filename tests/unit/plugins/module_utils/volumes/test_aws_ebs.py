# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EBS volumes in moto, and in a small endpoint of our own where moto cannot follow."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import boto3
import moto
import pytest
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from ansible_collections.velero.core.plugins.module_utils.volumes.aws_config import ebs_config
from ansible_collections.velero.core.plugins.module_utils.volumes.aws_ebs import (
    EbsSnapshotter,
    connect,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.aws_volumes import (
    check_volume,
    with_volume,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.registry import (
    ProviderSnapshotters,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import VolumeRequest
from tests.support.builders import Manifest, obj
from tests.support.fake_clock import FakeClock
from tests.support.fake_ec2 import Ec2Snapshotters, serve_ec2

REGION, ZONE = "us-east-1", "us-east-1a"
KEYS = b"[default]\naws_access_key_id = test\naws_secret_access_key = test\n"


def location(**config: str) -> SnapshotLocation:
    return SnapshotLocation(
        name="native", provider="aws", config={"region": REGION, **config}, credentials=KEYS
    )


@pytest.fixture(scope="module")
def ec2() -> Iterator[Any]:
    with moto.mock_aws():
        yield boto3.client(
            "ec2", region_name=REGION, aws_access_key_id="t", aws_secret_access_key="t"
        )


def snapshotter(ec2: Any, clock: FakeClock | None = None, **config: str) -> EbsSnapshotter:
    """One over the client that is there: a new one takes long to make."""
    errors = (BotoCoreError, ClientError)
    known = ebs_config(location(**config))
    return EbsSnapshotter(ec2, known, clock or FakeClock(), 10, errors)


def token(more: str = "") -> str:
    """One of the running test."""
    return hashlib.sha256(f"{os.environ['PYTEST_CURRENT_TEST']}{more}".encode()).hexdigest()


def snapshot_of(ec2: Any, tags: dict[str, str] | None = None, **volume: Any) -> tuple[str, str]:
    """A snapshot and its volume."""
    made = ec2.create_volume(AvailabilityZone=ZONE, Size=8, **volume)["VolumeId"]
    spec = [
        {
            "ResourceType": "snapshot",
            "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
        }
    ]
    taken = ec2.create_snapshot(VolumeId=made, **({"TagSpecifications": spec} if tags else {}))
    return taken["SnapshotId"], made


def made(ec2: Any, request: VolumeRequest, **config: str) -> dict[str, Any]:
    """The volume that is made of a request, with its tags as a map."""
    name = snapshotter(ec2, **config).create_volume(request)
    (volume,) = ec2.describe_volumes(VolumeIds=[name])["Volumes"]
    volume["Tags"] = {tag["Key"]: tag["Value"] for tag in volume["Tags"]}
    return dict(volume)


def test_a_volume_of_a_snapshot(ec2: Any) -> None:
    snapshot, _volume = snapshot_of(ec2, {"velero.io/pv": "pv-1", "team": "blue"})
    volume = made(ec2, VolumeRequest(snapshot_id=snapshot, type="gp2", zone=ZONE, token=token("1")))
    assert volume["SnapshotId"] == snapshot
    assert volume["AvailabilityZone"] == ZONE
    assert volume["VolumeType"] == "gp2"
    assert volume["Size"] == 8
    assert volume["Encrypted"] is False
    assert volume["Tags"] == {
        "velero.io/pv": "pv-1",
        "team": "blue",
        "velero.core/volume": token("1"),
    }


@pytest.mark.parametrize(
    ("kind", "recorded", "original", "config", "iops", "throughput"),
    [
        ("io1", 200, {"Iops": 900}, {}, 200, None),
        ("io2", None, {"Iops": 900}, {}, 900, None),
        ("gp2", 200, {}, {}, None, None),
        ("gp3", None, {"Iops": 5000, "Throughput": 300}, {}, 5000, 300),
        ("gp3", None, {"Iops": 5000, "Throughput": 300}, {"iops": "9"}, 5000, 300),
        ("gp3", None, None, {"iops": "4000", "throughput": "250"}, 4000, 250),
        ("gp3", None, None, {}, None, None),
    ],
    ids=[
        "io1 recorded",
        "io2 not recorded",
        "gp2 has none",
        "gp3 as it was",
        "gp3 as it was, not as configured",
        "gp3 whose volume is gone",
        "gp3 of which nothing is known",
    ],
)
def test_performance(
    ec2: Any,
    kind: str,
    recorded: int | None,
    original: dict[str, int] | None,
    config: dict[str, str],
    iops: int | None,
    throughput: int | None,
) -> None:
    snapshot, volume = snapshot_of(ec2, VolumeType=kind, **(original or {}))
    if original is None:
        ec2.delete_volume(VolumeId=volume)
    sent: list[dict[str, Any]] = []
    call = BaseClient._make_api_call

    def note(client: Any, operation: str, arguments: Any) -> Any:
        if operation == "CreateVolume":
            sent.append(arguments)
        return call(client, operation, arguments)

    request = VolumeRequest(
        snapshot_id=snapshot, type=kind, zone=ZONE, iops=recorded, volume_id=volume, token=token()
    )
    with patch.object(BaseClient, "_make_api_call", note):
        made(ec2, request, **config)
    assert [(one.get("Iops"), one.get("Throughput")) for one in sent] == [(iops, throughput)]


def test_encryption_is_that_of_the_snapshot(ec2: Any) -> None:
    snapshot, _volume = snapshot_of(ec2, Encrypted=True)
    assert made(ec2, VolumeRequest(snapshot_id=snapshot, zone=ZONE, token=token()))["Encrypted"]


def test_a_key_encrypts_what_was_not(ec2: Any) -> None:
    snapshot, _volume = snapshot_of(ec2)
    key = "arn:aws:kms:us-east-1:123456789012:key/k"
    volume = made(
        ec2, VolumeRequest(snapshot_id=snapshot, zone=ZONE, token=token()), ebsKmsKeyId=key
    )
    assert (volume["Encrypted"], volume["KmsKeyId"]) == (True, key)


@pytest.mark.parametrize(
    ("config", "tags"),
    [
        ({}, {"kubernetes.io/cluster/old": "owned", "KubernetesCluster": "old", "a": "b"}),
        (
            {"clusterName": "new"},
            {"kubernetes.io/cluster/new": "owned", "KubernetesCluster": "new", "a": "b"},
        ),
    ],
)
def test_tags_of_the_cluster(ec2: Any, config: dict[str, str], tags: dict[str, str]) -> None:
    old = {"kubernetes.io/cluster/old": "owned", "KubernetesCluster": "old", "a": "b"}
    snapshot, _volume = snapshot_of(ec2, old)
    volume = made(ec2, VolumeRequest(snapshot_id=snapshot, zone=ZONE, token=token()), **config)
    assert volume["Tags"] == {**tags, "velero.core/volume": token()}


def test_tags_that_nobody_may_give_are_left_out(ec2: Any) -> None:
    snapshot, _volume = snapshot_of(ec2)
    ebs = snapshotter(ec2)
    tags = [{"Key": "aws:backup:source", "Value": "x"}, {"Key": "a", "Value": "b"}]
    with patch.object(ebs, "_snapshot", lambda name: {"Tags": tags}):
        name = ebs.create_volume(VolumeRequest(snapshot_id=snapshot, zone=ZONE, token=token()))
    (volume,) = ec2.describe_volumes(VolumeIds=[name])["Volumes"]
    assert {tag["Key"] for tag in volume["Tags"]} == {"a", "velero.core/volume"}


def test_a_second_try_finds_the_volume_of_the_first(ec2: Any) -> None:
    snapshot, _volume = snapshot_of(ec2)
    request = VolumeRequest(snapshot_id=snapshot, zone=ZONE, token=token("1"))
    first = made(ec2, request)["VolumeId"]
    assert made(ec2, request)["VolumeId"] == first
    other = VolumeRequest(snapshot_id=snapshot, zone=ZONE, token=token("2"))
    assert made(ec2, other)["VolumeId"] != first
    ec2.delete_volume(VolumeId=first)
    assert made(ec2, request)["VolumeId"] != first


@pytest.mark.parametrize(
    ("exists", "kind", "text"),
    [
        (False, "gp3", "DescribeSnapshots, api error InvalidSnapshot.NotFound: "),
        (True, "io1", "CreateVolume, api error InvalidParameterDependency: "),
    ],
    ids=["no snapshot", "no iops"],
)
def test_what_aws_refuses(ec2: Any, exists: bool, kind: str, text: str) -> None:
    snapshot, original = snapshot_of(ec2)
    ec2.delete_volume(VolumeId=original)
    snapshot = snapshot if exists else "snap-0864d525f01aa594c"
    request = VolumeRequest(snapshot_id=snapshot, type=kind, zone=ZONE, token=token())
    with pytest.raises(VolumeError) as raised:
        snapshotter(ec2).create_volume(request)
    assert raised.value.message.startswith(f"operation error EC2: {text}")


def test_more_than_one_snapshot_is_none(ec2: Any) -> None:
    ebs = snapshotter(ec2)
    with (
        patch.object(ebs._client, "describe_snapshots", lambda **kw: {"Snapshots": []}),
        pytest.raises(VolumeError, match="expected 1 snapshot from DescribeSnapshots for s, got 0"),
    ):
        ebs.create_volume(VolumeRequest(snapshot_id="s", token=token()))


@pytest.mark.parametrize(
    ("states", "slept", "text"),
    [
        (["available"], [], ""),
        (["creating", "creating", "available"], [2, 2], ""),
        (["absent", "available"], [2], ""),
        (["creating", "error"], [2], "the new volume v is in state error"),
        (["creating"], [2] * 5, "the new volume v is still in state creating after 10 seconds"),
        (["denied"], [], "operation error EC2: DescribeVolumes, api error Denied: no"),
    ],
)
def test_a_volume_is_waited_for(ec2: Any, states: list[str], slept: list[int], text: str) -> None:
    clock = FakeClock()
    ebs = snapshotter(ec2, clock)
    left = list(states)

    def describe(**arguments: Any) -> Any:
        state = left.pop(0) if len(left) > 1 else left[0]
        codes = {"absent": "InvalidVolume.NotFound", "denied": "Denied"}
        if state in codes:
            error: Any = {"Error": {"Code": codes[state], "Message": "no"}}
            raise ClientError(error, "DescribeVolumes")
        return {"Volumes": [{"State": state}]}

    with patch.object(ebs._client, "describe_volumes", describe):
        if text:
            with pytest.raises(VolumeError) as raised:
                ebs._wait("v")
            assert raised.value.message == text
        else:
            ebs._wait("v")
    assert clock.slept == slept


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"region": ""}, "missing region in aws configuration"),
        ({"bad": "x", "worse": "y"}, "config has invalid keys [bad worse]; valid keys are ["),
        ({"iops": "many"}, "config key iops is 'many', not a number above 0"),
        ({"throughput": "0"}, "config key throughput is '0', not a number above 0"),
    ],
)
def test_6_4_configurations_that_are_refused(config: dict[str, str], text: str) -> None:
    with pytest.raises(VolumeError) as raised:
        connect(location(**config), FakeClock(), 60)
    assert raised.value.message.startswith(text)


def test_6_4_credentials_that_cannot_be_used() -> None:
    bare = SnapshotLocation(name="n", provider="aws", config={"region": REGION}, credentials=b"x")
    with pytest.raises(VolumeError, match="n"):
        connect(bare, FakeClock(), 60)
    with pytest.raises(VolumeError, match="credentials file"):
        connect(
            SnapshotLocation(
                name="n",
                provider="aws",
                config={"region": REGION, "credentialsFile": "/nowhere/at/all"},
            ),
            FakeClock(),
            60,
        )


def test_boto3_is_asked_for_only_here() -> None:
    with (
        patch.dict("sys.modules", {"botocore.exceptions": None}),
        pytest.raises(VolumeError, match="needed for native snapshots in AWS"),
    ):
        connect(location(), FakeClock(), 60)


@pytest.mark.parametrize("provider", ["aws", "velero.io/aws"])
def test_providers(provider: str) -> None:
    providers = ProviderSnapshotters(FakeClock(), 60)
    known = SnapshotLocation(
        name="n", provider=provider, config={"region": REGION}, credentials=KEYS
    )
    assert providers.open(known)


@pytest.mark.parametrize("provider", ["gcp", "velero.io/azure", "vendor.io/aws", ""])
def test_providers_without_support_are_named(provider: str) -> None:
    other = SnapshotLocation(name="here", provider=provider)
    with pytest.raises(VolumeError) as raised:
        ProviderSnapshotters(FakeClock(), 60).open(other)
    assert f"native snapshots of provider '{provider}'" in raised.value.message
    assert "here" in raised.value.message
    assert "aws only" in raised.value.message


def volume(labels: dict[str, str] | None = None, **source: Any) -> Manifest:
    return obj("PersistentVolume", "pv", labels=labels or {}, spec=source)


@pytest.mark.parametrize(
    ("pv", "spec"),
    [
        (
            volume(csi={"driver": "ebs.csi.aws.com", "volumeHandle": "vol-1", "fsType": "xfs"}),
            {"csi": {"driver": "ebs.csi.aws.com", "volumeHandle": "vol-2", "fsType": "xfs"}},
        ),
        (
            volume(awsElasticBlockStore={"volumeID": "vol-1"}),
            {"awsElasticBlockStore": {"volumeID": "vol-2"}},
        ),
        (
            volume(
                {"failure-domain.beta.kubernetes.io/zone": "us-east-1b"},
                awsElasticBlockStore={"volumeID": "aws://us-east-1b/vol-1", "fsType": "ext4"},
            ),
            {"awsElasticBlockStore": {"volumeID": "aws://us-east-1b/vol-2", "fsType": "ext4"}},
        ),
    ],
    ids=["csi", "in-tree", "in-tree with zone"],
)
def test_the_new_volume_is_put_behind_the_object(pv: Manifest, spec: Manifest) -> None:
    check_volume(pv)
    assert with_volume(pv, "vol-2")["spec"] == spec
    assert pv["spec"] != spec


@pytest.mark.parametrize(
    ("pv", "text"),
    [
        (volume(csi={"driver": "other"}), "unable to handle CSI driver: other"),
        (volume(nfs={}), "spec.csi and spec.awsElasticBlockStore not found"),
        ({}, "spec.csi and spec.awsElasticBlockStore not found"),
    ],
)
def test_objects_that_no_volume_can_be_behind(pv: Manifest, text: str) -> None:
    with pytest.raises(VolumeError) as raised:
        check_volume(pv)
    assert raised.value.message == text


def test_over_http_one_token_makes_one_volume() -> None:
    with serve_ec2(["snap-1"]) as endpoint:
        snapshotter = Ec2Snapshotters(endpoint, FakeClock()).open(location())
        request = VolumeRequest(snapshot_id="snap-1", type="gp3", zone=ZONE, token=token())
        volumes = {snapshotter.create_volume(request) for _try in range(3)}
        assert volumes == set(endpoint.volumes) == {"vol-00000000000000101"}
        with pytest.raises(VolumeError, match=r"InvalidSnapshot\.NotFound"):
            snapshotter.create_volume(VolumeRequest(snapshot_id="snap-2", token="u"))
