"""CSI snapshots in a cluster: the real snapshot-controller and csi-snapshotter before a driver.

The custom resource definitions are those of the Go module of the snapshotter's client.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.support.csi_driver import CsiDriver
from tests.testbed import build
from tests.testbed.cluster import Cluster
from tests.testbed.processes import ServerError

_CRD_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ESTABLISHED_SECONDS = 60.0


@contextmanager
def csi_snapshots(cluster: Cluster, *, name: str = "csi.example.com") -> Iterator[CsiDriver]:
    """Serve volume snapshots of the driver `name` in `cluster`."""
    supervisor = cluster.supervisor
    if supervisor is None:
        raise ServerError("snapshots need a cluster that was started here")
    install_snapshot_crds(cluster)
    folder = supervisor.directory / "csi"
    folder.mkdir()
    binaries = build.snapshotter_binaries()
    kubeconfig = cluster.kubeconfig("admin")
    with CsiDriver(folder, name=name) as driver:
        supervisor.start(
            "snapshot-controller",
            [
                str(binaries / "snapshot-controller"),
                f"--kubeconfig={kubeconfig}",
                "--leader-election=false",
                # Steps of the controllers come soon after one another, also after a refusal.
                "--retry-interval-start=100ms",
                "--retry-interval-max=2s",
            ],
        )
        supervisor.start(
            "csi-snapshotter",
            [
                str(binaries / "csi-snapshotter"),
                f"--kubeconfig={kubeconfig}",
                f"--csi-address={driver.socket}",
                "--leader-election=false",
                "--retry-interval-start=100ms",
                "--retry-interval-max=2s",
            ],
        )
        yield driver


def install_snapshot_crds(cluster: Cluster) -> None:
    """Create the definitions of (group) snapshots; those that are there are left alone."""
    paths = sorted(snapshot_crds())
    for path in paths:
        answer = cluster.request("POST", _CRD_PATH, yaml.safe_load(path.read_text()))
        if not answer.ok and answer.status != 409:
            raise ServerError(f"{path.name}: {answer.status} {str(answer.body)[:300]}")
    deadline = time.monotonic() + _ESTABLISHED_SECONDS
    names = [yaml.safe_load(path.read_text())["metadata"]["name"] for path in paths]
    while not all(_is_established(cluster, name) for name in names):
        if time.monotonic() > deadline:
            raise ServerError("the definitions of snapshots were not established")
        time.sleep(0.1)


def snapshot_crds() -> list[Path]:
    """The files of the definitions."""
    return list((build.snapshotter_binaries().parent / "crd").glob("*snapshot.storage*.yaml"))


def _is_established(cluster: Cluster, name: str) -> bool:
    found = cluster.request("GET", f"{_CRD_PATH}/{name}").body
    conditions = (found.get("status") or {}).get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
