# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.isolation import (
    isolated,
    may_pass,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import CallError
from tests.support.builders_actions import Action
from tests.support.fake_cluster import api_error


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("velero.io/a", ActionError("why"), "rpc error: code = Unknown desc = why"),
        ("velero.io/a", ActionError("rpc error: code = X desc = why"), "rpc error: code = X"),
        (
            "velero.io/a",
            KeyError("why"),
            "rpc error: code = Aborted desc = plugin panicked: KeyError",
        ),
        ("example.io/a", ActionError("why"), "why"),
        ("example.io/a", KeyError("why"), "plugin panicked: KeyError: 'why'"),
    ],
)
def test_texts(name: str, error: Exception, text: str) -> None:
    with pytest.raises(ActionError) as caught, isolated(Action(name=name)):
        raise error
    assert str(caught.value).startswith(text)


def test_what_ends_the_run_passes_through() -> None:
    with pytest.raises(ConnectionFailedError), isolated(Action()):
        raise ConnectionFailedError("asking", "the server")


@pytest.mark.parametrize(
    ("cause", "passes"),
    [
        (api_error("InternalError", "oops"), True),
        (api_error("Forbidden", "not you"), False),
        (api_error("NotFound", "gone"), False),
        (CallError("Unavailable", "gone"), True),
        (CallError("DeadlineExceeded", "slow"), True),
        (CallError("Unknown", "no such operation"), False),
        (ConnectionFailedError("asking", "the server"), True),
        (ValueError("why"), False),
    ],
)
def test_which_errors_may_pass(cause: Exception, passes: bool) -> None:
    assert may_pass(cause) is passes
    first, second = ActionError("inner"), ActionError("outer")
    first.__cause__, second.__cause__ = cause, first
    assert may_pass(second) is passes
    assert not may_pass(ActionError("alone"))
