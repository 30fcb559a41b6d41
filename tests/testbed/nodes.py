"""Pods that run: KWOK plays the kubelet of one node, an exec endpoint of our own another one's.

KWOK sets the status of pods on both nodes (Running and Ready within a second) and answers exec on
its own node by running the command on this machine; it knows no exit codes. The node of the exec
endpoint (`kwok/execendpoint`) is for tests of exit codes, of commands that take long, and of what
was run. A third node is nobody's: its pods get their status from the test. There is no scheduler:
a pod goes to the node that its label `testbed/node` names, and without it to KWOK's.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import build
from .cluster import Cluster
from .processes import Server, ServerError, accepts, free_ports

KWOK_NODE = "kwok"
EXEC_NODE = "exec-endpoint"
OWN_NODE = "nobodys"
NODE_LABEL = "testbed/node"
_ANNOTATION = {"kwok.x-k8s.io/node": "fake"}
# Seconds.
_BINDING_PERIOD = 0.1

_CONFIG = Path(__file__).with_name("kwok") / "config"


@dataclass
class Nodes:
    """Running nodes; a context manager."""

    cluster: Cluster
    endpoint: Server
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def commands(self, pod: str = "") -> list[dict[str, Any]]:
        """What the exec endpoint was asked to run: pod (namespace/name), container, command."""
        found = [json.loads(line) for line in self._lines() if line.startswith("{")]
        return [entry for entry in found if pod in ("", entry["pod"])]

    def _lines(self) -> list[str]:
        return self.endpoint.log.read_text().splitlines()

    def __enter__(self) -> Nodes:
        self._thread = threading.Thread(target=self._bind_for_ever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _bind_for_ever(self) -> None:
        while not self._stopping.wait(_BINDING_PERIOD):
            listed = self.cluster.request("GET", "/api/v1/pods?fieldSelector=spec.nodeName%3D")
            for pod in listed.body["items"] if listed.ok else []:
                self._bind(pod["metadata"])

    def _bind(self, metadata: dict[str, Any]) -> None:
        name, namespace = metadata["name"], metadata["namespace"]
        node = (metadata.get("labels") or {}).get(NODE_LABEL, KWOK_NODE)
        # A pod that is gone meanwhile needs no node.
        self.cluster.request(
            "POST",
            f"/api/v1/namespaces/{namespace}/pods/{name}/binding",
            {"metadata": {"name": name}, "target": {"kind": "Node", "name": node}},
        )


def start_nodes(cluster: Cluster) -> Nodes:
    """Starts the nodes of a cluster; their servers end with it."""
    supervisor, ca = cluster.supervisor, cluster.ca
    if supervisor is None or ca is None:
        raise ServerError("nodes can only be added to a cluster that was started here")
    binaries = build.kwok_binaries()
    kwok_port, exec_port = free_ports(2)
    certificate = ca.server_certificate("nodes")
    files = [
        f"--tls-cert-file={certificate.cert_file}",
        f"--tls-private-key-file={certificate.key_file}",
    ]
    for name, port, managed in (
        (KWOK_NODE, kwok_port, True),
        (EXEC_NODE, exec_port, True),
        (OWN_NODE, exec_port, False),
    ):
        _add_node(cluster, name, port, managed)
    kwok = supervisor.start(
        "kwok",
        [
            str(binaries / "kwok"),
            f"--kubeconfig={cluster.kubeconfig('admin')}",
            *(f"--config={path}" for path in sorted(_CONFIG.glob("*.yaml"))),
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            f"--server-address=127.0.0.1:{kwok_port}",
            "--node-ip=127.0.0.1",
            f"--node-port={kwok_port}",
            *files,
        ],
    )
    endpoint = supervisor.start(
        "execendpoint",
        [str(binaries / "execendpoint"), f"--address=127.0.0.1:{exec_port}", *files],
    )
    supervisor.wait_for(kwok, lambda: accepts(kwok_port), "open port")
    supervisor.wait_for(endpoint, lambda: accepts(exec_port), "open port")
    return Nodes(cluster, endpoint)


def _add_node(cluster: Cluster, name: str, port: int, managed: bool) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    resources = {"cpu": "1k", "memory": "1Ti", "pods": "1M"}
    response = cluster.request(
        "POST",
        "/api/v1/nodes",
        {
            "metadata": {"name": name, "annotations": _ANNOTATION if managed else {}},
            "status": {
                "addresses": [
                    {"type": "Hostname", "address": "127.0.0.1"},
                    {"type": "InternalIP", "address": "127.0.0.1"},
                ],
                "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
                "conditions": [
                    {
                        "type": "Ready",
                        "status": "True",
                        "reason": "Testbed",
                        "lastHeartbeatTime": now,
                        "lastTransitionTime": now,
                    }
                ],
                "allocatable": resources,
                "capacity": resources,
            },
        },
    )
    if not response.ok:
        raise ServerError(f"node {name}: {response.body}")
