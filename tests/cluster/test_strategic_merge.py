# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategic merge patches of ours and of a real API server have the same outcome."""

from __future__ import annotations

import copy
import json
import ssl
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.patching.strategic_patch import (
    apply_strategic_patch,
)
from tests.support.strategic import CASES, REFUSED, Case
from tests.testbed.cluster import Cluster, start_cluster

COLLECTIONS = {
    "Deployment": "/apis/apps/v1/namespaces/default/deployments",
    "Service": "/api/v1/namespaces/default/services",
}


@pytest.fixture(scope="module")
def golden() -> Iterator[Cluster]:
    """Without controllers that touch what a test makes."""
    with start_cluster(profile="golden") as running:
        yield running


def patched(cluster: Cluster, path: str, patch: Any) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"{cluster.url}{path}",
        json.dumps(patch).encode(),
        {
            "Authorization": f"Bearer {cluster.token}",
            "Content-Type": "application/strategic-merge-patch+json",
        },
        method="PATCH",
    )
    context = ssl.create_default_context(cafile=str(cluster.ca_file))
    try:
        with urllib.request.urlopen(request, context=context) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def settled(item: Any) -> Any:
    """Without what the server writes at each change."""
    out = copy.deepcopy(item)
    for name in ("managedFields", "resourceVersion", "generation"):
        out["metadata"].pop(name, None)
    # A map that a patch has emptied: the server does not store it.
    return _without_empty(out)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        inner = {key: _without_empty(child) for key, child in value.items()}
        return {key: child for key, child in inner.items() if child not in ({}, [])}
    return [_without_empty(child) for child in value] if isinstance(value, list) else value


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_the_server_does_the_same(golden: Cluster, number: int) -> None:
    case = CASES[number]
    created, path = _created(golden, case, number)
    # What the server adds to something new is no part of the patch: it fills ours, too.
    ours = apply_strategic_patch(created, case.patch)
    status, theirs = patched(golden, path, case.patch)
    assert status == 200, theirs
    ours["metadata"]["resourceVersion"] = theirs["metadata"]["resourceVersion"]
    ours["metadata"].pop("managedFields")
    answer = golden.request("PUT", f"{path}?dryRun=All", ours)
    assert answer.ok, answer.body
    assert settled(answer.body) == settled(theirs)


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[case.name for case in REFUSED])
def test_the_server_refuses_them_too(golden: Cluster, number: int) -> None:
    path = _created(golden, REFUSED[number], number + 100)[1]
    assert patched(golden, path, REFUSED[number].patch)[0] in (400, 422, 500)


def _created(cluster: Cluster, case: Case, number: int) -> tuple[Any, str]:
    body = copy.deepcopy(case.document)
    name = body["metadata"]["name"] = f"web-{number}"
    collection = COLLECTIONS[body["kind"]]
    answer = cluster.request("POST", collection, body)
    assert answer.ok, answer.body
    return answer.body, f"{collection}/{name}"
