# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ObjectNotFoundError,
    RequestError,
    StorageAccessError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore


def test_objects(tmp_path: Path) -> None:
    store: ObjectStore = DirectoryStore(str(tmp_path), "/pre/fix/")
    assert store.keys("") == []
    assert store.folders("restores/") == []
    store.write("restores/a/1", b"one")
    store.write("restores/a/2", b"two")
    store.write("restores/ab/3", b"")
    store.write("restores/a/1", b"new")
    assert (tmp_path / "pre/fix/restores/a/1").read_bytes() == b"new"
    assert store.location("restores/a/1") == str(tmp_path / "pre/fix/restores/a/1")
    assert store.read("restores/a/1") == b"new"
    with store.open("restores/a/2") as stream:
        assert stream.read(2) == b"tw"
    assert store.exists("restores/a/1")
    assert not store.exists("restores/a")
    assert not store.exists("restores/a/1/x")
    assert store.keys("restores/a/") == ["restores/a/1", "restores/a/2"]
    assert store.keys("restores/a") == ["restores/a/1", "restores/a/2", "restores/ab/3"]
    assert store.keys("absent/") == []
    assert store.folders("restores/") == ["a", "ab"]
    assert store.folders("") == ["restores"]


def test_delete_leaves_no_empty_folders(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    store.write("restores/a/1", b"one")
    store.delete("restores/a/absent")
    store.delete("restores/a/1")
    assert list(tmp_path.iterdir()) == []
    assert tmp_path.is_dir()


def test_permissions(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        DirectoryStore(str(tmp_path)).write("restores/a/1", b"secret")
    finally:
        os.umask(old)
    for path, mode in (("restores", 0o700), ("restores/a", 0o700), ("restores/a/1", 0o600)):
        assert (tmp_path / path).stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.", "a\0"])
def test_keys_stay_inside(tmp_path: Path, key: str) -> None:
    store = DirectoryStore(str(tmp_path))
    for use in (store.read, store.exists, store.delete, lambda k: store.write(k, b"")):
        with pytest.raises(StorageError, match="no key"):
            use(key)


def test_links_stay_inside(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    for folder in (outside, root):
        folder.mkdir()
    (outside / "file").write_bytes(b"1")
    (root / "link").symlink_to(outside)
    (root / "file").symlink_to(outside / "file")
    (root / "inside").symlink_to(root / "real")
    store = DirectoryStore(str(root))
    for key in ("link/file", "file"):
        with pytest.raises(StorageError, match="symbolic link leads out"):
            store.read(key)
        with pytest.raises(StorageError, match="symbolic link leads out"):
            store.write(key, b"2")
    assert (outside / "file").read_bytes() == b"1"
    store.write("inside", b"3")
    assert store.read("inside") == b"3"
    # The storage itself may be reached through a link.
    (tmp_path / "alias").symlink_to(root)
    assert DirectoryStore(str(tmp_path / "alias")).read("inside") == b"3"


def test_missing_folder_is_not_an_empty_storage(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path / "absent"))
    for use in (store.read, store.exists, store.keys, store.folders, store.delete):
        with pytest.raises(StorageError, match="no such folder") as caught:
            use("backups")
        assert not isinstance(caught.value, ObjectNotFoundError)
    with pytest.raises(StorageError, match="no such folder"):
        store.write("x", b"")
    assert not (tmp_path / "absent").exists()
    with pytest.raises(RequestError):
        DirectoryStore("")


def test_absent_object_and_folder_in_its_place(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    (tmp_path / "folder").mkdir()
    with pytest.raises(ObjectNotFoundError, match="no such file"):
        store.read("x")
    with pytest.raises(StorageError, match="Is a directory"):
        store.read("folder")


@pytest.mark.parametrize(
    ("number", "kind", "hint"),
    [
        (errno.EACCES, StorageAccessError, "access"),
        (errno.EROFS, StorageAccessError, "read-only"),
        (errno.ENOSPC, StorageError, "Make space"),
    ],
)
def test_failed_write_leaves_the_old_content(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[StorageError],
    hint: str,
) -> None:
    store = DirectoryStore(str(tmp_path))
    store.write("a/1", b"old")

    def fail(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(kind, match=hint):
        store.write("a/1", b"new")
    monkeypatch.undo()
    assert store.read("a/1") == b"old"
    assert os.listdir(tmp_path / "a") == ["1"]


def test_left_over_temporary_files_are_no_objects(tmp_path: Path) -> None:
    (tmp_path / ".velero-core-0123").write_bytes(b"")
    assert DirectoryStore(str(tmp_path)).keys("") == []


def test_concurrent_writes_and_deletes(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    failures: list[Exception] = []

    def work(name: str) -> None:
        try:
            for _number in range(30):
                store.write(f"r/{name}/x", name.encode() * 1000)
                if store.read(f"r/{name}/x") != name.encode() * 1000:
                    raise AssertionError(name)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.keys("r/") == [f"r/{name}/x" for name in "abcd"]
