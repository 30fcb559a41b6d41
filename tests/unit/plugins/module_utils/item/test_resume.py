# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.resume import EarlierRun
from tests.support.builders import Manifest, config_map, labelled
from tests.support.fake_clock import START


def aged(item: Manifest, created: Any) -> Manifest:
    item["metadata"]["creationTimestamp"] = created
    return item


@pytest.mark.parametrize(
    ("since", "item", "made"),
    [
        pytest.param(
            START, aged(labelled(config_map()), "2026-01-02T03:04:05Z"), True, id="same-second"
        ),
        pytest.param(
            START + 0.9,
            aged(labelled(config_map()), "2026-01-02T03:04:05Z"),
            True,
            id="part-of-a-second",
        ),
        pytest.param(START, aged(labelled(config_map()), "2026-01-02T04:00:00Z"), True, id="later"),
        pytest.param(
            START, aged(labelled(config_map()), "2026-01-02T03:04:04Z"), False, id="older"
        ),
        pytest.param(
            None, aged(labelled(config_map()), "2026-01-02T04:00:00Z"), False, id="no-earlier-run"
        ),
        pytest.param(
            START,
            aged(labelled(config_map(), "r2"), "2026-01-02T04:00:00Z"),
            False,
            id="another-restore",
        ),
        pytest.param(START, aged(config_map(), "2026-01-02T04:00:00Z"), False, id="no-labels"),
        pytest.param(START, aged(labelled(config_map()), None), False, id="no-age"),
        pytest.param(START, {}, False, id="no-metadata"),
    ],
)
def test_objects_of_the_cut_off_run(since: float | None, item: Manifest, made: bool) -> None:
    assert EarlierRun("r1", since).made(item) is made
