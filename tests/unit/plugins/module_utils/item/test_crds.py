# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.crds import (
    is_established,
    wait_for_crd,
)
from tests.support.builders import CRDS, crd
from tests.support.fake_clock import FakeClock
from tests.support.fake_cluster import FakeCluster, api_error, established_status


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        (established_status(), True),
        (established_status("False"), False),
        (established_status(accepted="False"), False),
        (established_status("Unknown"), False),
        ({"conditions": established_status()["conditions"][:1]}, False),
        ({"conditions": None}, False),
        ({}, False),
        (None, False),
    ],
)
def test_4_17_established_and_names_accepted(status: Any, ready: bool) -> None:
    assert is_established({"status": status}) is ready


def test_4_17_a_ready_definition_costs_no_request() -> None:
    cluster, clock = FakeCluster(), FakeClock()
    assert wait_for_crd(cluster, clock, CRDS, {"status": established_status()}, 10) == ""
    assert not cluster.calls
    assert not clock.slept


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_4_17_known_versions(version: str) -> None:
    found = {"status": established_status()}
    assert not wait_for_crd(FakeCluster(), FakeClock(), replace(CRDS, version=version), found, 1)


def test_4_17_other_versions() -> None:
    why = wait_for_crd(FakeCluster(), FakeClock(), replace(CRDS, version="v2"), crd(), 10)
    assert why == "unable to handle CRD with version v2"


@pytest.mark.parametrize("timeout", [0, 1, 600])
def test_4_17_timeout(timeout: float) -> None:
    cluster, clock = FakeCluster(crd(), established=False), FakeClock()
    assert wait_for_crd(cluster, clock, CRDS, crd(), timeout) == "context deadline exceeded"
    assert timeout <= sum(clock.slept) <= timeout + 1
    assert all(pause <= 1 for pause in clock.slept)


def test_4_17_a_definition_that_cannot_be_read() -> None:
    cluster = FakeCluster(crd(), established=False)
    cluster.fail("get", error=api_error("Forbidden", "not yours"))
    assert wait_for_crd(cluster, FakeClock(), CRDS, crd(), 10) == "not yours"
