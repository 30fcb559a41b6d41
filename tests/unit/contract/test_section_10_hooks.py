# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference sections 10.1 and 10.3: init hooks of whole restores."""

from __future__ import annotations

import re
from typing import Any

from tests.support.builders import SERVED, api_of, obj, resource
from tests.support.contract import Seen, both_modes, restore
from tests.support.fake_cluster import FakeCluster, obj_namespace

POD_BACKUPS = resource("podvolumebackups.velero.io", "PodVolumeBackup")
INIT = {"initContainers": [{"name": "warm", "image": "i", "command": ["c"]}]}


def restored(mode: str, hooks: dict[str, Any] | None = None, **annotations: str) -> Seen:
    spec = {"containers": [{"name": "main", "image": "i"}]}
    pod = obj("Pod", "p", "shop", annotations=annotations, spec=spec)
    cluster = FakeCluster(obj_namespace("shop"), api=api_of(*SERVED, POD_BACKUPS))
    return restore([pod], mode=mode, cluster=cluster, hooks=hooks or {})


@both_modes
def test_10_1_a_container_without_a_name_gets_a_random_one(mode: str) -> None:
    prefix = "init.hook.restore.velero.io/"
    annotations = {prefix + "container-image": "tools", prefix + "command": "c"}
    names = set()
    for _pod in range(2):
        (pod,) = restored(mode, **annotations).bodies("create")
        (container,) = pod["spec"]["initContainers"]
        assert re.fullmatch(r"velero-restore-init-[0-9a-f]{8}", container["name"])
        names.add(container["name"])
    assert len(names) == 2


@both_modes
def test_10_3_init_hooks_are_not_counted(mode: str) -> None:
    seen = restored(mode, {"resources": [{"name": "h", "postHooks": [{"init": INIT}]}]})
    (pod,) = seen.bodies("create")
    assert [each["name"] for each in pod["spec"]["initContainers"]] == ["warm"]
    assert seen.report.restore["status"]["hookStatus"] == {}
    assert seen.phase == "Completed"
