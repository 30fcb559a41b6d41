"""What a restore has left in a cluster, compared with what another one has."""

from __future__ import annotations

from tests.support.compare import State, compare, dump, subtract
from tests.testbed.cluster import Cluster

# A controller that cannot be switched off fills these in.
_TOKEN = "kubernetes.io/service-account-token"


def restored_state(cluster: Cluster, base: State) -> State:
    """The objects that are new or changed against `base`, a dump of before."""
    found = subtract(dump(cluster).objects, base)[0]
    return {key: obj for key, obj in found.items() if obj.get("type") != _TOKEN}


def state_differences(expected: State, found: State) -> list[str]:
    """One line a difference, apart from what servers choose anew for every object."""
    return compare(expected, found, _node_ports(expected)).lines()


def _node_ports(state: State) -> dict[str, list[str]]:
    return {
        key: [
            "/spec/healthCheckNodePort",
            *(f"/spec/ports/{at}/nodePort" for at in range(len(obj["spec"].get("ports") or []))),
        ]
        for key, obj in state.items()
        if obj.get("kind") == "Service"
    }
