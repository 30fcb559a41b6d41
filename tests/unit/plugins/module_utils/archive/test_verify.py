# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from ansible_collections.velero.core.plugins.module_utils.archive.reader import read_archive
from ansible_collections.velero.core.plugins.module_utils.archive.verify import (
    Verification,
    verify_items,
)

BACKUPS = Path(__file__).parents[4] / "data" / "backup-storage" / "backups"


def verified(backup: str) -> Verification:
    folder = BACKUPS / backup
    listed = json.loads(gzip.decompress((folder / f"{backup}-resource-list.json.gz").read_bytes()))
    with (folder / f"{backup}.tar.gz").open("rb") as stream, read_archive(stream) as catalog:
        return verify_items(catalog, listed)


@pytest.mark.parametrize(("backup", "items"), [("shop-full", 99), ("bulk2k", 2060)])
def test_sound(backup: str, items: int) -> None:
    found = verified(backup)
    assert found == Verification(checked=items, missing=(), unlisted=(), unreadable=())
    assert found.sound


def test_corrupt_item() -> None:
    found = verified("fragile-corrupt")
    assert not found.sound
    assert found.unreadable == ("resources/configmaps/namespaces/fragile/victim.json",)
    assert found.missing == ("v1/ConfigMap fragile/victim",)
