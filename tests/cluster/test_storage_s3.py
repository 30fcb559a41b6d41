# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The S3 store against a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.archive.reader import read_archive
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ObjectNotFoundError,
    StorageAccessError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.storage import layout
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import RestoreArtifacts
from ansible_collections.velero.core.plugins.module_utils.storage.backups import list_backups
from ansible_collections.velero.core.plugins.module_utils.storage.location import StorageLocation
from ansible_collections.velero.core.plugins.module_utils.storage.registry import open_store

if TYPE_CHECKING:
    from tests.support.proxy import Proxy
    from tests.testbed.s3 import S3Server

from tests.support.proxy import reset_after, reset_before, truncate

DATA = Path(__file__).parents[1] / "data" / "backup-storage"


@dataclass
class Bucket:
    server: S3Server
    name: str

    def open(self, prefix: str = "", **options: Any) -> ObjectStore:
        config = {"s3Url": self.server.url, "s3ForcePathStyle": "true", **options.pop("config", {})}
        values: dict[str, Any] = {
            "provider": "aws",
            "bucket": self.name,
            "prefix": prefix,
            "config": config,
            "credentials_file": str(self.server.credentials_file),
            **options,
        }
        return open_store(StorageLocation(**values))


@pytest.fixture
def bucket(s3: S3Server) -> Bucket:
    return Bucket(s3, s3.new_bucket())


@pytest.mark.parametrize("prefix", ["", "a/b", "/a//b/"])
def test_objects(bucket: Bucket, prefix: str) -> None:
    store = bucket.open(prefix)
    store.write("restores/r1/x", b"one")
    store.write("restores/r1/x", b"two")
    store.write("restores/r10/y", b"")
    assert store.read("restores/r1/x") == b"two"
    assert store.read("restores/r10/y") == b""
    assert store.exists("restores/r1/x")
    assert not store.exists("restores/r1")
    assert store.keys("restores/r1/") == ["restores/r1/x"]
    assert store.keys("") == ["restores/r1/x", "restores/r10/y"]
    assert store.folders("restores/") == ["r1", "r10"]
    assert store.folders("") == ["restores"]
    assert store.folders("absent/") == []
    store.delete("restores/r1/x")
    store.delete("restores/r1/x")
    with pytest.raises(ObjectNotFoundError, match=r"s3://.*restores/r1/x"):
        store.read("restores/r1/x")
    key = f"{prefix.replace('//', '/').strip('/')}/restores/r10/y".lstrip("/")
    assert [
        o["Key"] for o in bucket.server.client().list_objects_v2(Bucket=bucket.name)["Contents"]
    ] == [key]


def test_many_keys_come_page_by_page(bucket: Bucket) -> None:
    store = bucket.open()
    names = [f"restores/r/{number:04}" for number in range(1005)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda name: store.write(name, b""), names))
    assert store.keys("restores/r/") == names


def test_backups_and_artifacts(bucket: Bucket) -> None:
    bucket.server.upload(DATA, "p/", bucket.name)
    store = bucket.open("p")
    assert "shop-full" in {record.name for record in list_backups(store) if not record.problem}
    with store.open(layout.backup_archive("bulk2k")) as stream:
        catalog = read_archive(stream)
    with catalog:
        assert catalog.stats.items == 2060
    artifacts = RestoreArtifacts(store, "r", lambda seconds: None)
    artifacts.write_log("line")
    assert artifacts.read_log() == "line"
    assert artifacts.delete_all() == ["restores/r/restore-r-logs.gz"]


def keys_of(access_key: str, secret_key: str) -> bytes:
    return (
        f"[default]\naws_access_key_id={access_key}\naws_secret_access_key={secret_key}\n".encode()
    )


@pytest.mark.parametrize("content", ["bytes", "profile"])
def test_credentials(bucket: Bucket, content: str) -> None:
    data = keys_of(bucket.server.access_key, bucket.server.secret_key)
    config = {}
    if content == "profile":
        data = keys_of("wrong", "wrong") + data.replace(b"default", b"other")
        config = {"profile": "other"}
    store = bucket.open(credentials_file="", credentials_data=data, config=config)
    assert store.keys("") == []


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.keys(""),
        lambda store: store.read("x"),
        lambda store: store.exists("x"),
        lambda store: store.write("x", b""),
    ],
)
@pytest.mark.parametrize("wrong", ["access", "secret"])
def test_wrong_credentials(
    bucket: Bucket, use: Callable[[ObjectStore], object], wrong: str
) -> None:
    access, secret = bucket.server.access_key, bucket.server.secret_key
    data = keys_of("wrong", secret) if wrong == "access" else keys_of(access, "wrong")
    store = bucket.open(credentials_file="", credentials_data=data)
    with pytest.raises(StorageAccessError) as caught:
        use(store)
    assert f"aws_{wrong}" in str(caught.value)
    for value in (access, secret):
        assert value not in str(caught.value)


def test_wrong_bucket(bucket: Bucket) -> None:
    store = bucket.open(bucket="absent-bucket")
    for use in (
        store.keys,
        store.read,
        store.exists,
        store.folders,
        lambda key: store.write(key, b""),
    ):
        with pytest.raises(StorageError, match="NoSuchBucket"):
            use("x")


@pytest.mark.parametrize("algorithm", ["", "CRC32", "SHA256"])
def test_checksums(bucket: Bucket, algorithm: str) -> None:
    store = bucket.open(config={"checksumAlgorithm": algorithm})
    store.write("x", b"content")
    assert store.read("x") == b"content"


@pytest.fixture(scope="module")
def tls_s3() -> Iterator[S3Server]:
    from tests.testbed.s3 import start_s3

    with start_s3(tls=True) as running:
        yield running


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_tls(tls_s3: S3Server) -> None:
    bucket = Bucket(tls_s3, tls_s3.bucket)
    ca_file = tls_s3.ca_file
    assert ca_file is not None
    with pytest.raises(StorageError, match="caCert"):
        bucket.open().keys("")
    for options in (
        {"ca_cert": ca_file.read_text()},
        {"ca_cert": str(ca_file)},
        {"config": {"insecureSkipTLSVerify": True}},
    ):
        store = bucket.open(**options)
        store.write("x", b"content")
        assert store.read("x") == b"content"


def test_broken_downloads_and_uploads_go_on(
    bucket: Bucket, proxy_factory: Callable[..., Proxy]
) -> None:
    proxy = proxy_factory(bucket.server)
    store = bucket.open(config={"s3Url": proxy.url})
    content = bytes(range(256)) * 20_000
    proxy.add(reset_before(), method="PUT", times=1)
    proxy.add(reset_after(), method="PUT", skip=1, times=1)
    store.write("x", content)
    proxy.add(truncate(3_000_000), method="GET", times=1)
    with store.open("x") as stream:
        assert stream.read() == content
    assert len(proxy.requests("GET")) == 2
    proxy.clear()
    proxy.add(truncate(100), method="GET")
    with pytest.raises(StorageError, match="s3://"):
        store.read("x")


def test_an_object_that_changes_while_it_is_read(
    bucket: Bucket, proxy_factory: Callable[..., Proxy]
) -> None:
    proxy = proxy_factory(bucket.server)
    store = bucket.open(config={"s3Url": proxy.url})
    store.write("x", bytes(4_000_000))
    proxy.add(truncate(3_000_000), method="GET", times=1)
    with store.open("x") as stream:
        stream.read(1)
        store.write("x", b"1" * 4_000_000)
        with pytest.raises(StorageError, match="replaced"):
            stream.read()
