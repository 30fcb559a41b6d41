# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.patching.strategic_patch import (
    apply_strategic_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import PatchError
from tests.support.strategic import CASES, REFUSED


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_patches(case: Any) -> None:
    before = copy.deepcopy(case.document)
    patch = copy.deepcopy(case.patch)
    found = apply_strategic_patch(case.document, case.patch)
    for step in case.path:
        found = found[step]
    assert found == case.wanted
    assert (case.document, case.patch) == (before, patch)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_refused_patches(case: Any) -> None:
    with pytest.raises(PatchError) as caught:
        apply_strategic_patch(case.document, case.patch)
    assert case.wanted in str(caught.value)


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("example.com/v1", "Widget"), ("networking.k8s.io/v1", "Ingress"), ("v1", "Widget"), ("", "")],
)
def test_kinds_without_known_merge_keys(api_version: str, kind: str) -> None:
    with pytest.raises(PatchError, match="is known to strategic merge patches"):
        apply_strategic_patch({"apiVersion": api_version, "kind": kind}, {})
