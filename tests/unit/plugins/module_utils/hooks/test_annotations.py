# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of Velero's getPodExecRestoreHookFromAnnotations and parseStringToCommand."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.hooks.annotations import (
    PREFIX,
    annotated_hook,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.contract import ExecHook


def hook(*command: str, **fields: Any) -> ExecHook:
    return ExecHook(command=command, **fields)


@pytest.mark.parametrize(
    ("annotations", "expected", "warnings"),
    [
        pytest.param({}, None, [], id="none"),
        pytest.param({"container": "c", "on-error": "Fail"}, None, [], id="no-command"),
        pytest.param({"command": ""}, None, [], id="empty-command"),
        pytest.param({"command": "/usr/bin/foo"}, hook("/usr/bin/foo"), [], id="one-word"),
        pytest.param({"command": "foo --bar"}, hook("foo --bar"), [], id="not-split"),
        pytest.param({"command": '["a","b","c"]'}, hook("a", "b", "c"), [], id="array"),
        pytest.param({"command": '["a", null]'}, hook("a", ""), [], id="null-is-empty"),
        pytest.param({"command": "[a,b"}, hook("[a,b"), [], id="no-array"),
        pytest.param({"command": '["a", 1]'}, hook('["a", 1]'), [], id="not-all-texts"),
        pytest.param({"command": "[]"}, hook(), [], id="empty-array"),
        pytest.param({"command": ' ["a"]'}, hook(' ["a"]'), [], id="space-before"),
        pytest.param(
            {"command": "c", "container": "x"}, hook("c", container="x"), [], id="container"
        ),
        pytest.param(
            {"command": "c", "on-error": "Continue"}, hook("c", on_error="Continue"), [], id="go-on"
        ),
        pytest.param(
            {"command": "c", "on-error": "Fail"}, hook("c", on_error="Fail"), [], id="fail"
        ),
        pytest.param({"command": "c", "on-error": "fail"}, hook("c"), [], id="other-on-error"),
        pytest.param(
            {"command": "c", "exec-timeout": "30s", "wait-timeout": "1h"},
            hook("c", exec_timeout=30.0, wait_timeout=3600.0),
            [],
            id="times",
        ),
        pytest.param(
            {"command": "c", "exec-timeout": "none"},
            hook("c"),
            ['Unable to parse exec timeout none, ignoring: time: invalid duration "none"'],
            id="bad-exec-timeout",
        ),
        pytest.param(
            {"command": "c", "wait-timeout": "30"},
            hook("c"),
            ['Unable to parse wait timeout 30, ignoring: time: invalid duration "30"'],
            id="no-unit",
        ),
        pytest.param(
            {"command": "c", "wait-timeout": "-1s"},
            hook("c"),
            ["The wait timeout -1s is negative, ignoring"],
            id="negative",
        ),
        pytest.param(
            {"command": "c", "wait-for-ready": "true"},
            hook("c", wait_for_ready=True),
            [],
            id="wait-for-ready",
        ),
        pytest.param(
            {"command": "c", "wait-for-ready": "yes"},
            hook("c"),
            [
                "Unable to parse wait for ready yes, ignoring: "
                'strconv.ParseBool: parsing "yes": invalid syntax'
            ],
            id="bad-wait-for-ready",
        ),
    ],
)
def test_hook_of_annotations(
    annotations: dict[str, str], expected: ExecHook | None, warnings: list[str]
) -> None:
    told: list[str] = []
    given = {PREFIX + key: value for key, value in annotations.items()}
    assert annotated_hook(given, told.append) == expected
    assert told == warnings


def test_the_time_for_a_command_is_half_a_minute_where_none_is_given() -> None:
    assert hook("c").timeout == 30.0
    assert hook("c", exec_timeout=2.0).timeout == 2.0
