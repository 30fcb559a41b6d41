# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores of native snapshots that are cut off and run again."""

from __future__ import annotations

import pytest

from tests.support.builders_run import Killed, fates
from tests.support.fake_snapshotters import FakeSnapshotters
from tests.support.volume_cases import DATA, SITUATIONS, restoring

NATIVE = DATA["native snapshot"]
_MORE_THAN_WRITES = 60


@pytest.mark.parametrize(
    "situation", ["nothing is there", "`namespace_mapping`, the volume is there"]
)
def test_wherever_it_is_cut_off_one_volume_is_made(situation: str) -> None:
    chosen = SITUATIONS[situation]
    expected = restoring(NATIVE, chosen).run(**chosen.spec)
    for count in range(_MORE_THAN_WRITES):
        once = restoring(NATIVE, chosen)
        provider = once.snapshotters
        assert isinstance(provider, FakeSnapshotters)
        once.kill_at(count)
        try:
            once.run(**chosen.spec)
            break
        except Killed:
            once.revive()
        report = once.run(**chosen.spec)
        assert report.phase == "Completed"
        # A run that only tells of a restore that has ended knows the copy by its new name.
        assert len(fates(report)) == len(fates(expected))
        assert len(provider.made) == 1
        volumes = [
            item
            for (gr, _namespace, _name), item in once.cluster.objects.items()
            if gr == "persistentvolumes"
            and item["spec"]["awsElasticBlockStore"]["volumeID"] == "vol-new"
        ]
        assert len(volumes) == 1
        (row,) = once.store.json("restores/r1/r1-volumeinfo.json.gz")
        assert row["pvName"] == volumes[0]["metadata"]["name"]
        assert row["nativeSnapshotInfo"]["snapshotHandle"] == "snap-1"
    else:
        pytest.fail("the restore never came to its end")


def test_a_rerun_of_a_finished_restore_makes_nothing() -> None:
    once = restoring(NATIVE, SITUATIONS["nothing is there"])
    once.run()
    again = once.run()
    assert isinstance(once.snapshotters, FakeSnapshotters)
    assert len(once.snapshotters.requests) == 1
    assert again.changed is False
