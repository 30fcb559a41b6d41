# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions of recorded restores equal those of Velero's own client."""

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.describe.text import describe_text
from tests.support.golden_data import ExpectedRun, GoldenCase, golden_cases
from tests.support.golden_describe import comparable, recorded_facts

RUNS = [(case, run) for case in golden_cases() for run in case.runs]


@pytest.mark.parametrize(("case", "run"), RUNS, ids=[run.name for _case, run in RUNS])
def test_recorded_restores(case: GoldenCase, run: ExpectedRun) -> None:
    assert run.description
    ours = describe_text(recorded_facts(run, case.velero_objects))
    assert comparable(ours).splitlines() == comparable(run.description).splitlines()
