# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of Velero's podHasContainer, isContainerUp and maxHookWait."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.hooks.containers import (
    ended_phase,
    has_container,
    is_container_up,
    longest_wait,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.contract import ExecHook

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
WAITING = {"waiting": {"reason": "ContainerCreating"}}


def hook(**fields: Any) -> ExecHook:
    return ExecHook(command=("c",), **fields)


def status(name: str, state: dict[str, Any], *, ready: bool = False) -> dict[str, Any]:
    return {"name": name, "state": state, "ready": ready}


@pytest.mark.parametrize(
    ("statuses", "waits_for_ready", "up"),
    [
        pytest.param(None, [False], False, id="no-status"),
        pytest.param([status("other", RUNNING, ready=True)], [False], False, id="another-one"),
        pytest.param([status("c", RUNNING)], [False], True, id="runs"),
        pytest.param([status("c", {"running": {}})], [False], True, id="runs-without-time"),
        pytest.param([status("c", WAITING)], [False], False, id="waits"),
        pytest.param([status("c", {}, ready=True)], [False], False, id="ready-is-not-asked"),
        pytest.param([status("c", RUNNING)], [True], False, id="runs-but-not-ready"),
        pytest.param([status("c", RUNNING)], [False, True], False, id="one-waits-for-ready"),
        pytest.param([status("c", RUNNING, ready=True)], [False, True], True, id="ready"),
    ],
)
def test_when_a_container_is_up(
    statuses: list[dict[str, Any]] | None, waits_for_ready: list[bool], up: bool
) -> None:
    pod = {"status": {"containerStatuses": statuses}}
    assert is_container_up(pod, "c", [hook(wait_for_ready=one) for one in waits_for_ready]) == up


@pytest.mark.parametrize(
    ("waits", "longest"),
    [
        ([], 600.0),
        ([0.0], 600.0),
        ([1.0], 1.0),
        ([1.0, 10.0, 2.0], 10.0),
        # Velero waits for ever as soon as one has no time.
        ([1.0, 0.0], 600.0),
        ([1000.0, 0.0], 1000.0),
    ],
)
def test_how_long_a_pod_is_waited_for(waits: list[float], longest: float) -> None:
    assert longest_wait([hook(wait_timeout=one) for one in waits], 600.0) == longest


def test_init_containers_do_not_count() -> None:
    pod = {
        "spec": {
            "initContainers": [{"name": "sidecar", "restartPolicy": "Always"}],
            "containers": [{"name": "main"}],
        }
    }
    assert has_container(pod, "main")
    assert not has_container(pod, "sidecar")
    assert not has_container({}, "main")


@pytest.mark.parametrize(
    ("phase", "ended"),
    [
        ("Succeeded", "Succeeded"),
        ("Failed", "Failed"),
        ("Running", ""),
        ("Pending", ""),
        (None, ""),
    ],
)
def test_the_end_of_a_pod(phase: str | None, ended: str) -> None:
    assert ended_phase({"status": {"phase": phase}}) == ended
