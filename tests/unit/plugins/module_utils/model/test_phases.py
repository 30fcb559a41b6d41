# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest

from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.errors import RecordError

# The diagram of reference section 1.3, written down once more.
ALLOWED = {
    ("New", "FailedValidation"),
    ("New", "InProgress"),
    ("InProgress", "Failed"),
    ("InProgress", "WaitingForPluginOperations"),
    ("InProgress", "WaitingForPluginOperationsPartiallyFailed"),
    ("InProgress", "Finalizing"),
    ("InProgress", "FinalizingPartiallyFailed"),
    ("WaitingForPluginOperations", "WaitingForPluginOperationsPartiallyFailed"),
    ("WaitingForPluginOperations", "Finalizing"),
    ("WaitingForPluginOperationsPartiallyFailed", "FinalizingPartiallyFailed"),
    ("Finalizing", "Completed"),
    ("Finalizing", "PartiallyFailed"),
    ("FinalizingPartiallyFailed", "PartiallyFailed"),
}
ALL = sorted({phase for pair in ALLOWED for phase in pair})


@pytest.mark.parametrize(("current", "target"), list(itertools.product(ALL, ALL)))
def test_transitions(current: str, target: str) -> None:
    if (current, target) in ALLOWED:
        assert phases.advance(current, target) == target
    else:
        with pytest.raises(RecordError, match=f"{current} cannot become {target}"):
            phases.advance(current, target)


@pytest.mark.parametrize("current", ["", "New"])
def test_an_empty_phase_is_new(current: str) -> None:
    assert phases.advance(current, phases.IN_PROGRESS) == phases.IN_PROGRESS


def test_an_unknown_phase_leads_nowhere() -> None:
    with pytest.raises(RecordError, match="Dancing cannot become InProgress"):
        phases.advance("Dancing", phases.IN_PROGRESS)


@pytest.mark.parametrize(
    ("errors", "running", "phase"),
    [
        (0, True, "WaitingForPluginOperations"),
        (1, True, "WaitingForPluginOperationsPartiallyFailed"),
        (0, False, "Finalizing"),
        (3, False, "FinalizingPartiallyFailed"),
    ],
)
def test_after_items(errors: int, running: bool, phase: str) -> None:
    assert phases.after_items(errors, running) == phase


def test_terminal_phases_lead_nowhere_and_the_others_somewhere() -> None:
    assert {phase for phase in ALL if not phases.TRANSITIONS[phase]} == phases.TERMINAL
    assert phases.TERMINAL - {phases.COMPLETED} == phases.FAILURES
