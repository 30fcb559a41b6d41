# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.archive.catalog import SpooledCatalog
from ansible_collections.velero.core.plugins.module_utils.archive.limits import Limits
from ansible_collections.velero.core.plugins.module_utils.archive.reader import read_archive
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ArchiveError,
    ArchiveLimitError,
    CorruptArchiveError,
    TruncatedArchiveError,
    UnsafeArchiveError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from tests.support.builders import examples

BACKUPS = Path(__file__).parents[4] / "data" / "backup-storage" / "backups"
POD = "resources/pods/namespaces/ns-1/pod-1.json"
COPY = "resources/pods/v1-preferredversion/namespaces/ns-1/pod-1.json"
LINKS = {
    "a hard link": tarfile.LNKTYPE,
    "a symbolic link": tarfile.SYMTYPE,
    "a character device": tarfile.CHRTYPE,
    "a block device": tarfile.BLKTYPE,
    "a FIFO": tarfile.FIFOTYPE,
    "a contiguous file": tarfile.CONTTYPE,
    "of an unknown kind": b"Q",
}


def tar_of(*entries: tuple[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    """Names that end with a slash become directories."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as tar:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if name.endswith("/"):
                info.type = tarfile.DIRTYPE
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def with_special(kind: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("resources/pods/namespaces/ns-1/link.json")
        info.type = kind
        info.linkname = "/etc/passwd"
        tar.addfile(info)
        regular = tarfile.TarInfo(POD)
        regular.size = 2
        tar.addfile(regular, io.BytesIO(b"{}"))
    return out.getvalue()


def read(tar: bytes, **options: Any) -> SpooledCatalog:
    return read_archive(io.BytesIO(gzip.compress(tar)), source="b.tar.gz", **options)


def fixture_bytes(backup: str) -> bytes:
    return (BACKUPS / backup / f"{backup}.tar.gz").read_bytes()


@pytest.mark.parametrize("backup", ["shop-full", "shop-older", "fragile", "fragile-corrupt"])
@pytest.mark.parametrize("keep_versions", [False, True])
def test_real_archives_read_as_tarfile_reads_them(backup: str, keep_versions: bool) -> None:
    data = fixture_bytes(backup)
    with read_archive(io.BytesIO(data), keep_versions=keep_versions) as catalog:
        found = {
            catalog.path(gr, namespace, name, version): catalog.read(gr, namespace, name, version)
            for gr in catalog.group_resources()
            for version in ["", *(catalog.versions(gr) if keep_versions else [])]
            for namespace in catalog.namespaces(gr, version)
            for name in catalog.items(gr, namespace, version)
        }
        stats = catalog.stats
        assert catalog.format_version == "1.1.0"
        assert catalog.warnings == ()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        expected = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    assert stats.members == len(expected)
    assert stats.size == len(gzip.decompress(data))
    assert stats.compressed_size == len(data)
    del expected["metadata/version"]
    if not keep_versions:
        expected = {name: body for name, body in expected.items() if "preferred" not in name}
    assert found == expected


def test_catalog_is_a_catalog() -> None:
    with read(tar_of((POD, b"{}"), (COPY, b"[]"))) as spooled:
        catalog: Catalog = spooled
        assert catalog.group_resources() == ["pods"]
        assert catalog.versions("pods") == ["v1-preferredversion"]
        assert catalog.namespaces("pods") == ["ns-1"]
        assert catalog.items("pods", "ns-1") == ["pod-1"]
        assert catalog.read("pods", "ns-1", "pod-1") == b"{}"
        assert catalog.items("pods", "ns-1", "v1-preferredversion") == ["pod-1"]
        with pytest.raises(KeyError):
            catalog.read("pods", "ns-1", "pod-2")
        with pytest.raises(ValueError, match="version folders"):
            catalog.read("pods", "ns-1", "pod-1", "v1-preferredversion")
    with pytest.raises(ValueError, match="closed"):
        catalog.read("pods", "ns-1", "pod-1")


def test_files_without_json_keep_their_name_and_cannot_be_read() -> None:
    folder = "resources/pods/cluster/"
    with read(tar_of((folder + "a.yaml", b"x"), (folder + "b", b"x"))) as catalog:
        assert catalog.items("pods", "") == ["a.yaml", "b"]
        for name in ("a.yaml", "b"):
            with pytest.raises(KeyError):
                catalog.read("pods", "", name)


def test_order_is_that_of_the_file_names() -> None:
    folder = "resources/pods/cluster/"
    with read(tar_of((folder + "a.json", b""), (folder + "a-b.json", b""))) as catalog:
        assert catalog.items("pods", "") == ["a-b", "a"]


def test_no_resources_directory_is_told_apart_from_an_empty_one() -> None:
    with read(tar_of(("metadata/version", b"1.1.0\n"))) as catalog:
        assert not catalog.has_resources
    with read(tar_of(("./resources/", b""), ("resources/pods/", b""))) as catalog:
        assert catalog.has_resources
        assert catalog.group_resources() == ["pods"]
        assert catalog.namespaces("pods") == []


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("length", [40, 90, 140, 245])
def test_long_names_of_every_format(format: int, length: int) -> None:
    if format == tarfile.USTAR_FORMAT and length > 90:
        pytest.skip("ustar cannot hold it")
    name = "n" * length
    with read(tar_of((f"resources/pods/cluster/{name}.json", b"{}"), format=format)) as catalog:
        assert catalog.items("pods", "") == [name]
        assert catalog.read("pods", "", name) == b"{}"


def test_pax_size_and_base_256_size() -> None:
    for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=format) as tar:
            info = tarfile.TarInfo(POD)
            info.size = 2
            if format == tarfile.PAX_FORMAT:
                info.pax_headers = {"size": "2"}
            tar.addfile(info, io.BytesIO(b"{}"))
        with read(out.getvalue()) as catalog:
            assert catalog.read("pods", "ns-1", "pod-1") == b"{}"


@pytest.mark.parametrize(
    ("data", "kind", "velero_message"),
    [
        (b"", TruncatedArchiveError, "EOF"),
        (b"PK\x03\x04 this is a zip file", CorruptArchiveError, "gzip: invalid header"),
        (gzip.compress(b"x" * 512), CorruptArchiveError, "archive/tar: invalid tar header"),
        (gzip.compress(tar_of((POD, b"{}")))[:-9], TruncatedArchiveError, "unexpected EOF"),
        (gzip.compress(tar_of((POD, b"{}"))[:700]), TruncatedArchiveError, "unexpected EOF"),
        (gzip.compress(tar_of((POD, b"{}"))[:1024]), TruncatedArchiveError, "unexpected EOF"),
        (gzip.compress(b""), TruncatedArchiveError, "unexpected EOF"),
        (fixture_bytes("fragile-truncated"), TruncatedArchiveError, "unexpected EOF"),
    ],
    ids=lambda value: "archive" if isinstance(value, bytes) else None,
)
def test_damage(data: bytes, kind: type[ArchiveError], velero_message: str) -> None:
    with pytest.raises(kind) as caught:
        read_archive(io.BytesIO(data), source="b.tar.gz")
    assert caught.value.velero_message == velero_message
    assert "b.tar.gz" in str(caught.value)


@pytest.mark.parametrize("from_end", [1, 5])
def test_wrong_length_and_crc(from_end: int) -> None:
    data = bytearray(gzip.compress(tar_of((POD, b"{}"))))
    data[-from_end] ^= 0xFF
    with pytest.raises(CorruptArchiveError) as caught:
        read_archive(io.BytesIO(data))
    assert caught.value.velero_message == "gzip: invalid checksum"


def test_broken_deflate_data() -> None:
    data = bytearray(fixture_bytes("fragile"))
    data[2000:2040] = bytes(40)
    with pytest.raises(CorruptArchiveError):
        read_archive(io.BytesIO(data))


def test_header_checksum() -> None:
    tar = bytearray(tar_of((POD, b"{}")))
    tar[3] ^= 1
    with pytest.raises(CorruptArchiveError, match="archive/tar: invalid tar header"):
        read(bytes(tar))


def test_members_and_padding_of_gzip() -> None:
    tar = tar_of((POD, b"{}"))
    parts = gzip.compress(tar[:100]) + gzip.compress(tar[100:]) + bytes(700)
    with read_archive(io.BytesIO(parts)) as catalog:
        assert catalog.read("pods", "ns-1", "pod-1") == b"{}"
    with pytest.raises(CorruptArchiveError, match="gzip: invalid header"):
        read_archive(io.BytesIO(parts + b"garbage"))


def test_missing_end_is_allowed_on_request() -> None:
    with read(tar_of((POD, b"{}"))[:1024], allow_missing_end=True) as catalog:
        assert catalog.items("pods", "ns-1") == ["pod-1"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../escape.txt", 'invalid archive path "../escape.txt": escapes target directory'),
        ("resources/../../x", 'invalid archive path "resources/../../x": escapes target directory'),
        ("a/..", 'invalid archive path "a/..": escapes target directory'),
        ("/etc/passwd", 'invalid archive path "/etc/passwd": is absolute'),
        ("a\0b", 'invalid archive path "a\\x00b": contains a NUL character'),
        ("a\udcff", 'invalid archive path "a\\xff": is not valid UTF-8'),
    ],
)
def test_unsafe_paths(name: str, why: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("placeholder")
        if "\0" in name:
            info.pax_headers = {"path": name}
        else:
            info.name = name
        tar.addfile(info)
    tar_bytes = out.getvalue()
    if "\udcff" in name:
        tar_bytes = tar_of((name, b""), format=tarfile.GNU_FORMAT)
    with pytest.raises(UnsafeArchiveError) as caught:
        read(tar_bytes)
    assert caught.value.velero_message == why


def test_backslash_is_a_letter_like_others() -> None:
    with read(tar_of(("resources/roles/cluster/a\\b.json", b"{}"))) as catalog:
        assert catalog.items("roles", "") == ["a\\b"]


@pytest.mark.rule("C4")
@pytest.mark.parametrize("what", LINKS)
def test_special_entries(what: str) -> None:
    tar = with_special(LINKS[what])
    with pytest.raises(UnsafeArchiveError, match=what):
        read(tar)
    with read(tar, ignore_special=True) as catalog:
        assert catalog.items("pods", "ns-1") == ["pod-1"]
        assert catalog.stats.ignored == 1


@pytest.mark.rule("C4")
@pytest.mark.parametrize("name", [POD, COPY, "metadata/version", "resources/pods/stray"])
def test_duplicates(name: str) -> None:
    tar = tar_of((name, b"1"), ("./" + name, b"2"))
    with pytest.raises(UnsafeArchiveError, match="two entries"):
        read(tar)
    with read(tar, allow_duplicates=True) as catalog:
        assert catalog.stats.members == 2
        if name == POD:
            assert catalog.read("pods", "ns-1", "pod-1") == b"2"
            assert catalog.stats.items == 1


@pytest.mark.parametrize(
    "limits",
    [
        Limits(max_members=1),
        Limits(max_member_size=99),
        Limits(max_total_size=2000),
        Limits(max_path_length=20),
        Limits(max_depth=4),
        Limits(max_index_size=50),
        Limits(max_ratio=5, ratio_floor=1000),
    ],
)
def test_limits(limits: Limits) -> None:
    tar = tar_of((POD, b"x" * 100), (COPY, b"x" * 100))
    read(tar).close()
    with pytest.raises(ArchiveLimitError, match="limit"):
        read(tar, limits=limits)


def test_a_bomb_is_stopped_early() -> None:
    class Counted(io.BytesIO):
        consumed = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.consumed += len(data)
            return data

    tar = tar_of(("resources/x", bytes(8 * 1024**2)))
    bomb = Counted(gzip.compress(tar) * 20)
    with pytest.raises(ArchiveLimitError, match="200 to 1"):
        read_archive(bomb, limits=Limits(ratio_floor=1024**2))
    assert bomb.consumed <= 2 * 64 * 1024


def test_errors_of_the_stream_pass() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        read_archive(Broken())  # type: ignore[arg-type]


def test_the_spool_has_no_name_and_no_other_reader(tmp_path: Path) -> None:
    with read(tar_of((POD, b"{}")), spool_directory=str(tmp_path)) as catalog:
        assert list(tmp_path.iterdir()) == []
        mode = os.fstat(catalog._spool._file.fileno()).st_mode
        assert mode & 0o077 == 0
    with pytest.raises(ArchiveError, match="No such file"):
        read(tar_of((POD, b"{}")), spool_directory=str(tmp_path / "absent"))


def test_concurrent_reads() -> None:
    entries = [(f"resources/pods/cluster/p{n}.json", f"<{n}>".encode() * 50) for n in range(200)]
    wrong: list[int] = []
    with read(tar_of(*entries)) as catalog:

        def check(seed: int) -> None:
            order = list(range(200))
            random.Random(seed).shuffle(order)
            for n in order:
                if catalog.read("pods", "", f"p{n}") != f"<{n}>".encode() * 50:
                    wrong.append(n)

        threads = [threading.Thread(target=check, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


_MIXED = tar_of(
    ("metadata/version", b"1.1.0\n"),
    (POD, b'{"kind":"Pod"}'),
    (COPY, b'{"kind":"Pod"}'),
    ("resources/nodes/cluster/" + "n" * 120 + ".json", b"{}" * 300),
    ("resources/pods/", b""),
)
_EDITS = st.lists(
    st.tuples(st.integers(0, len(_MIXED) - 1), st.integers(0, 255)), min_size=0, max_size=12
)


def _only_archive_errors(data: bytes, spool: Path, lenient: bool) -> None:
    try:
        catalog = read_archive(
            io.BytesIO(data),
            allow_duplicates=lenient,
            ignore_special=lenient,
            allow_missing_end=lenient,
            keep_versions=True,
            spool_directory=str(spool),
        )
    except ArchiveError as error:
        assert error.velero_message
    else:
        with catalog:
            for gr in catalog.group_resources():
                for namespace in catalog.namespaces(gr):
                    for name in catalog.items(gr, namespace):
                        assert ".." not in (gr, namespace)
                        try:
                            catalog.read(gr, namespace, name)
                        except KeyError:
                            continue
    assert list(spool.iterdir()) == []


@examples()
@given(edits=_EDITS, cut=st.integers(0, len(_MIXED)), fix=st.booleans(), lenient=st.booleans())
def test_damaged_tars_raise_archive_errors_only(
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[int, int]],
    cut: int,
    fix: bool,
    lenient: bool,
) -> None:
    tar = bytearray(_MIXED)
    for position, value in edits:
        tar[position] = value
    if fix:
        _fix_checksums(tar)
    if cut % 3 == 0:
        del tar[cut:]
    spool = tmp_path_factory.mktemp("spool")
    _only_archive_errors(gzip.compress(bytes(tar), 1), spool, lenient)


@examples()
@given(edits=_EDITS, cut=st.integers(0, 2000), lenient=st.booleans())
def test_damaged_gzip_raises_archive_errors_only(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int]], cut: int, lenient: bool
) -> None:
    data = bytearray(gzip.compress(_MIXED, 6))
    for position, value in edits:
        data[position % len(data)] = value
    if cut < len(data):
        del data[cut:]
    _only_archive_errors(bytes(data), tmp_path_factory.mktemp("spool"), lenient)


def _fix_checksums(tar: bytearray) -> None:
    for start in range(0, len(tar) - 511, 512):
        block = tar[start : start + 512]
        if block[257:262] == b"ustar":
            total = sum(block) - sum(block[148:156]) + 256
            tar[start + 148 : start + 156] = b"%06o\0 " % total
