# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exec through a real API server: KWOK answers it, and for exit codes and slow commands the exec
endpoint of the test bed.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ConnectionFailedError,
    ForbiddenError,
    NotFoundError,
    UnauthorizedError,
)
from tests.support.proxy import reset_before, too_many_requests, unavailable
from tests.support.waiting import eventually
from tests.testbed.nodes import EXEC_NODE, KWOK_NODE, NODE_LABEL, Nodes

_NAMESPACE = "pod-exec"
_PODS = f"/api/v1/namespaces/{_NAMESPACE}/pods"


@pytest.fixture(scope="module", autouse=True)
def pods(nodes: Nodes) -> None:
    """One running pod on each node, named like the node."""
    cluster = nodes.cluster
    assert cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": _NAMESPACE}}).ok
    for node in (KWOK_NODE, EXEC_NODE):
        body = {
            "metadata": {"name": node, "labels": {NODE_LABEL: node}},
            "spec": {"containers": [{"name": "main", "image": "i"}, {"name": "two", "image": "i"}]},
        }
        assert cluster.request("POST", _PODS, body).ok
    eventually(
        lambda: all(
            pod["status"]["phase"] == "Running"
            for pod in cluster.request("GET", _PODS).body["items"]
        )
    )


def connected(nodes: Nodes, user: str = "admin", **options: Any) -> ApiCluster:
    kubeconfig = str(nodes.cluster.kubeconfig(user))
    return ApiCluster(connect(ConnectionOptions(kubeconfig=kubeconfig, **options)))


def shell(script: str, pod: str = EXEC_NODE, **changes: Any) -> ContainerCommand:
    values = {"container": "main", "timeout": 20.0, **changes}
    return ContainerCommand(_NAMESPACE, pod, command=("sh", "-c", script), **values)


@pytest.mark.parametrize("user", ["admin", "certificate"])
@pytest.mark.parametrize("pod", [KWOK_NODE, EXEC_NODE])
def test_both_outputs_are_read(nodes: Nodes, pod: str, user: str) -> None:
    outcome = connected(nodes, user).execute(shell("echo out; echo err >&2", pod))
    assert (outcome.error, outcome.stdout, outcome.stderr) == ("", "out\n", "err\n")


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("exit 0", ""),
        ("exit 1", "command terminated with exit code 1"),
        ("exit 255", "command terminated with exit code 255"),
        ("kill -9 $$", "command terminated with exit code 137"),
    ],
)
def test_how_a_command_ends(nodes: Nodes, script: str, error: str) -> None:
    assert connected(nodes).execute(shell(script)).error == error


def test_the_output_of_a_failed_command_is_there(nodes: Nodes) -> None:
    outcome = connected(nodes).execute(shell("echo half; echo why >&2; exit 3"))
    assert outcome == CommandOutcome("command terminated with exit code 3", "half\n", "why\n")


def test_arguments_arrive_as_they_are(nodes: Nodes) -> None:
    words = ("printf", "%s|", "a b", "c&d=e", "ü+%2F", "")
    command = ContainerCommand(_NAMESPACE, EXEC_NODE, "two", words, 20.0)
    assert connected(nodes).execute(command).stdout == "a b|c&d=e|ü+%2F||"
    assert nodes.commands(f"{_NAMESPACE}/{EXEC_NODE}")[-1] == {
        "pod": f"{_NAMESPACE}/{EXEC_NODE}",
        "container": "two",
        "command": list(words),
    }


def test_a_command_that_never_ends_is_left_at_its_timeout(nodes: Nodes) -> None:
    outcome = connected(nodes).execute(shell("echo begun; exec sleep 600", timeout=1.5))
    assert outcome == CommandOutcome("timed out after 1.5s")


def test_much_output_is_cut(nodes: Nodes) -> None:
    outcome = connected(nodes).execute(shell("yes velero | head -c 100000"))
    assert not outcome.error
    assert outcome.stdout.startswith("velero\nvelero\n")
    assert outcome.stdout.endswith(" ... (83616 bytes more)")


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"pod": "gone"}, NotFoundError, 'pods "gone" not found'),
        ({"container": "gone"}, ApiError, f"container gone is not valid for pod {EXEC_NODE}"),
    ],
)
def test_what_the_server_refuses(
    nodes: Nodes, changes: dict[str, Any], kind: type[ApiError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        connected(nodes).execute(shell("true", **changes))
    assert caught.value.message == message


def test_a_user_without_the_right_is_told(nodes: Nodes) -> None:
    with pytest.raises(ForbiddenError, match=r'cannot .* resource "pods/exec"'):
        connected(nodes, "narrow").execute(shell("true"))


def test_the_command_is_run_as_the_impersonated_user(nodes: Nodes) -> None:
    with pytest.raises(ForbiddenError, match='User "somebody" cannot'):
        connected(nodes, impersonate_user="somebody").execute(shell("true"))
    admins = {"impersonate_user": "somebody", "impersonate_groups": ("system:masters",)}
    assert not connected(nodes, **admins).execute(shell("true")).error


def test_wrong_credentials(nodes: Nodes) -> None:
    with pytest.raises(UnauthorizedError):
        connected(nodes, api_key="wrong").execute(shell("true"))


@pytest.mark.parametrize("fault", [too_many_requests(retry_after=1), unavailable()])
def test_a_server_without_time_is_asked_again(nodes: Nodes, proxy_factory: Any, fault: Any) -> None:
    proxy = proxy_factory(nodes.cluster)
    rule = proxy.add(fault, method="GET", path="/exec", times=2)
    assert connected(nodes, host=proxy.url).execute(shell("echo x")).stdout == "x\n"
    assert rule.applied == 2


def test_a_server_that_is_not_there_is_told_at_the_end() -> None:
    gone = ApiCluster(connect(ConnectionOptions(host="http://127.0.0.1:9", api_key="x")))
    with pytest.raises(ConnectionFailedError, match="connection refused"):
        gone.execute(shell("true", timeout=1.2))


def test_a_connection_that_breaks_is_told(nodes: Nodes, proxy_factory: Any) -> None:
    proxy = proxy_factory(nodes.cluster)
    proxy.add(reset_before(), method="GET", path="/exec")
    api = connected(nodes, host=proxy.url)
    with pytest.raises(ConnectionFailedError, match=f"container main of pod {_NAMESPACE}/"):
        api.execute(shell("true"))
