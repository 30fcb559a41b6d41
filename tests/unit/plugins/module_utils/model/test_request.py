# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities, Settings


def test_defaults_are_those_of_a_velero_server() -> None:
    settings = Settings()
    assert settings.terminating_resource_timeout == settings.resource_timeout == 600
    assert settings.default_item_operation_timeout == 4 * 3600
    assert len(Priorities().high) == 23
    assert Priorities().high[:2] == ("customresourcedefinitions", "namespaces")
    assert Priorities().high[-1] == "services"
    assert len(Priorities().low) == 5


@pytest.mark.parametrize(("word", "strict"), [("safe", False), ("strict", True)])
def test_compatibility(word: str, strict: bool) -> None:
    assert Settings(compatibility=word).strict is strict
