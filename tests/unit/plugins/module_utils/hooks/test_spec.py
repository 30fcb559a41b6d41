# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.hooks.spec import (
    checked_hooks,
    ignored_filters,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError


def hooks(post: Any, name: Any = "h") -> dict[str, Any]:
    return {"resources": [{"name": name, "postHooks": [post]}]}


def test_times_are_written_as_go_reads_them() -> None:
    given = hooks({"exec": {"command": ["c"], "execTimeout": "90", "waitTimeout": "1h"}})
    checked = checked_hooks(given)
    assert checked == hooks(
        {"exec": {"command": ["c"], "execTimeout": "1m30s", "waitTimeout": "1h"}}
    )
    assert given["resources"][0]["postHooks"][0]["exec"]["execTimeout"] == "90"


def test_the_time_of_an_init_hook_too() -> None:
    assert checked_hooks(hooks({"init": {"timeout": 60}})) == hooks({"init": {"timeout": "1m0s"}})


@pytest.mark.parametrize("given", [{}, {"resources": None}, {"resources": []}])
def test_no_hooks(given: dict[str, Any]) -> None:
    assert checked_hooks(given) == given


PATH = r"hooks\.resources\[0\]"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (hooks({}, name=""), rf"{PATH}: it has no name"),
        (hooks("text"), rf"{PATH}\.postHooks\[0\]: it is no map"),
        (hooks({"exec": {}}), rf"{PATH}\.postHooks\[0\]\.exec\.command: it must be a list"),
        (hooks({"exec": {"command": []}}), "at least one text"),
        (hooks({"exec": {"command": "a b"}}), "at least one text"),
        (hooks({"exec": {"command": ["a", 1]}}), "not all of its members are texts"),
        (hooks({"exec": {"command": ["a"], "onError": "fail"}}), "must be Continue or Fail"),
        (hooks({"exec": {"command": ["a"], "waitTimeout": "soon"}}), "waitTimeout 'soon'"),
        (hooks({"exec": {"command": ["a"], "execTimeout": "-1s"}}), "it is not a duration"),
    ],
)
def test_what_the_schema_of_a_restore_forbids(given: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        checked_hooks(given)


@pytest.mark.parametrize(
    ("filters", "ignored"),
    [
        ({}, []),
        ({"includedResources": ["pods"]}, []),
        ({"includedResources": ["pods", "deployments"]}, ["h"]),
        ({"includedResources": ["*"]}, ["h"]),
        ({"excludedResources": ["pods"]}, ["h"]),
    ],
)
def test_lists_of_resources_are_told(filters: dict[str, Any], ignored: list[str]) -> None:
    assert ignored_filters({"resources": [{"name": "h", **filters}]}) == ignored
