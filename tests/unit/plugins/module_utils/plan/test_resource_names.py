# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.plan.resource_names import ResourceNames
from tests.support.builders import SERVED, api_of, resource

POLICIES = resource("networkpolicies.networking.k8s.io", "NetworkPolicy", short=("netpol",))
OTHER_SERVICES = resource("services.serving.knative.dev", "Service", short=("ksvc",))
IN_BACKUP = ["configmaps", "pods", "deployments.apps", "caches.x.io", "foos.x.io", "foos.y.io"]

NAMES = ResourceNames(api_of(OTHER_SERVICES, POLICIES, *SERVED), IN_BACKUP)


@pytest.mark.parametrize(
    ("name", "gr"),
    [
        ("configmaps", "configmaps"),
        ("cm", "configmaps"),
        ("ConfigMap", "configmaps"),
        ("Deployment", "deployments.apps"),
        ("deploy.apps", "deployments.apps"),
        ("Deployment.apps", "deployments.apps"),
        ("NetworkPolicy", "networkpolicies.networking.k8s.io"),
        ("netpol", "networkpolicies.networking.k8s.io"),
        ("Service", "services"),
        ("services.serving.knative.dev", "services.serving.knative.dev"),
        ("caches.x.io", "caches.x.io"),
        ("Caches", "caches.x.io"),
        ("foos.y.io", "foos.y.io"),
        ("foos", None),
        ("nothing", None),
        ("", None),
    ],
)
def test_names(name: str, gr: str | None) -> None:
    assert NAMES.resolve(name) == gr
    assert NAMES.matching(name) == ({gr} if gr else set())


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", set(IN_BACKUP)),
        ("*.x.io", {"caches.x.io", "foos.x.io"}),
        ("*.{x,y}.io", {"caches.x.io", "foos.x.io", "foos.y.io"}),
        ("Config*", {"configmaps"}),
        ("Deploy*nt", {"deployments.apps"}),
        ("Service*", set()),
        ("[", set()),
    ],
)
def test_patterns_stand_for_resources_of_the_backup(pattern: str, found: set[str]) -> None:
    assert NAMES.matching(pattern) == found


def test_a_kind_is_found_where_the_server_tells_no_singular() -> None:
    from dataclasses import replace

    names = ResourceNames(api_of(replace(POLICIES, singular="")), [])
    assert names.resolve("NetworkPolicy") == "networkpolicies.networking.k8s.io"
