# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user sees for a mistake, and that nothing is written because of it.

Each case is one task of velero_restore against a real API server, through a proxy that sees every
request. A damaged archive leaves log and results in the storage, as with Velero; nothing else does.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.velero.core.plugins.module_utils import ansible_restore
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import RESTORE
from tests.unit.plugins.modules.support import run

if TYPE_CHECKING:
    from tests.support.proxy import Proxy
    from tests.testbed.cluster import Cluster
    from tests.testbed.s3 import S3Server

ROOT = Path(__file__).resolve().parents[2]
BACKUPS = ROOT / "tests" / "data" / "backup-storage" / "backups"
SAFE = {"GET", "HEAD"}
READINGS = ("/selfsubjectaccessreviews",)


@dataclass
class World:
    """Where a case happens: a storage of its own, and a cluster behind a proxy."""

    folder: Path
    cluster: Cluster
    proxy: Proxy
    s3: S3Server

    @property
    def storage(self) -> Path:
        return self.folder / "storage"

    def params(self, **given: Any) -> dict[str, Any]:
        where = {"provider": "directory", "path": str(self.storage)}
        usual = {"backup_name": "shop-full", "storage": where, "kubeconfig": self.kubeconfig()}
        merged = {**usual, **given}
        return {name: value for name, value in merged.items() if value is not None}

    def kubeconfig(self) -> str:
        return str(self.cluster.kubeconfig(server=self.proxy.url))

    def kubeconfig_document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(Path(self.kubeconfig()).read_text())
        return document

    def bucket(self, **given: Any) -> dict[str, Any]:
        where = {"provider": "aws", "bucket": "velero", **given}
        where.setdefault("config", {"region": "us-east-1"})
        return {"storage": where}

    def archive(self, name: str, data: bytes) -> dict[str, Any]:
        """Puts `data` in the place of the archive of a backup."""
        backup = self.storage / "backups" / "shop-full"
        backup.joinpath("shop-full.tar.gz").write_bytes(data)
        return {"name": name}

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.storage)): path.read_bytes()
            for path in sorted(self.storage.rglob("*"))
            if path.is_file()
        }

    def writes(self) -> list[tuple[str, str]]:
        return [
            (record.method, record.path)
            for record in self.proxy.requests()
            if record.method not in SAFE and not record.path.endswith(READINGS)
        ]


@dataclass(frozen=True)
class Case:
    """`given` returns what differs from a good task; `text` must be in the message."""

    name: str
    given: Callable[[World], dict[str, Any]]
    text: str
    kind: str = ""
    phase: str = ""
    leaves_results: bool = False
    options: dict[str, Any] = field(default_factory=dict)


def spec(
    label: str, text: str, /, *, phase: str = "FailedValidation", kind: str = "", **given: Any
) -> Case:
    return Case(label, lambda world: given, text, phase=phase, kind=kind)


def request(label: str, text: str, /, **given: Any) -> Case:
    return spec(label, text, phase="", kind="request", **given)


def refused(label: str, text: str, /, **given: Any) -> Case:
    """A case that the argument spec refuses."""
    return spec(label, text, phase="", kind="", **given)


def broken(name: str, text: str, data: Callable[[], bytes]) -> Case:
    return Case(
        name,
        lambda world: world.archive("damaged", data()),
        text,
        phase="PartiallyFailed",
        leaves_results=True,
    )


def tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for info, data in entries:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return raw.getvalue()


def entry(
    path: str, data: bytes = b"{}", kind: bytes = tarfile.REGTYPE
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(path)
    info.type = kind
    info.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    return info, data if kind == tarfile.REGTYPE else b""


def good_archive() -> bytes:
    return (BACKUPS / "shop-full" / "shop-full.tar.gz").read_bytes()


def corrupted() -> bytes:
    data = bytearray(good_archive())
    data[len(data) // 2] ^= 0xFF
    return bytes(data)


ITEM = "resources/configmaps/namespaces/a/b.json"
INIT = {"name": "h", "post_hooks": [{"init": {"init_containers": [{"name": "c", "image": "i"}]}}]}

UNKNOWN_KEY = {
    "version": "v1",
    "resourceModifierRules": [
        {
            "conditions": {"groupResource": "pods"},
            "mergePatches": [{"patchData": "{}"}],
            "when": "always",
        }
    ],
}


CIRCLE = [{"first": "pods", "then": "secrets"}, {"first": "secrets", "then": "pods"}]


def taken_name(world: World) -> dict[str, Any]:
    folder = world.storage / "restores" / "taken"
    folder.mkdir(parents=True)
    record = {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": {"name": "taken"},
        "spec": {"backupName": "shop-full", "includedNamespaces": ["other"]},
        "status": {"phase": "Completed"},
    }
    (folder / "velero-restore.json").write_text(json.dumps(record))
    return {"name": "taken"}


def without(name: str) -> Callable[[World], dict[str, Any]]:
    def given(world: World) -> dict[str, Any]:
        (world.storage / "backups" / "shop-full" / name).unlink()
        return {}

    return given


def damaged_metadata(world: World) -> dict[str, Any]:
    (world.storage / "backups" / "shop-full" / "velero-backup.json").write_text("{")
    return {}


def file_as_storage(world: World) -> dict[str, Any]:
    (world.folder / "file").write_text("")
    return {"storage": {"provider": "directory", "path": str(world.folder / "file")}}


def file_named(name: str, content: str, option: str) -> Callable[[World], dict[str, Any]]:
    def given(world: World) -> dict[str, Any]:
        (world.folder / name).write_text(content)
        return {option: str(world.folder / name)}

    return given


def changed_kubeconfig(
    change: Callable[[dict[str, Any]], None],
) -> Callable[[World], dict[str, Any]]:
    def given(world: World) -> dict[str, Any]:
        document = world.kubeconfig_document()
        change(document)
        return {"kubeconfig": document}

    return given


def set_server(url: str) -> Callable[[World], dict[str, Any]]:
    return changed_kubeconfig(lambda d: d["clusters"][0]["cluster"].update(server=url))


def set_user(**user: Any) -> Callable[[World], dict[str, Any]]:
    return changed_kubeconfig(lambda document: document["users"][0].update(user=user))


def wrong_ca(document: dict[str, Any]) -> None:
    del document["clusters"][0]["cluster"]["certificate-authority-data"]


def plain_archive(content: bytes | None, **more: Any) -> Callable[[World], dict[str, Any]]:
    def given(world: World) -> dict[str, Any]:
        path = world.folder / "shop.tar.gz"
        if content is not None:
            path.write_bytes(content)
        return {"storage": None, "backup_name": None, "archive": str(path), **more}

    return given


CASES = [
    # The spec, in Velero's words.
    spec("no source", "Either a backup or schedule must be specified", backup_name=None),
    spec(
        "two sources", "Either a backup or schedule must be specified", schedule_name="shop-daily"
    ),
    spec("missing backup", "Error retrieving backup", backup_name="nothing"),
    spec(
        "missing schedule", "No backups found for schedule", backup_name=None, schedule_name="none"
    ),
    spec(
        "two kinds of selectors",
        "encountered labelSelector as well as orLabelSelectors",
        label_selector={},
        or_label_selectors=[],
    ),
    spec(
        "all namespaces and one",
        "Invalid included/excluded namespace lists: includes list must either contain '*' only",
        included_namespaces=["*", "shop"],
    ),
    spec(
        "all resources excluded",
        "Invalid included/excluded resource lists: excludes list cannot contain '*'",
        excluded_resources=["*"],
    ),
    spec("nodes", "nodes are non-restorable resources", included_resources=["nodes"]),
    spec("unknown policy", "Invalid ExistingResourcePolicy: all", existing_resource_policy="all"),
    spec(
        "hook without command", "doesn't have Command, Name or Image", hooks={"resources": [INIT]}
    ),
    # The request.
    request(
        "resource modifier of another kind",
        'there are no resource modifiers of kind "Secret"',
        resource_modifier={"kind": "Secret", "name": "m"},
    ),
    request(
        "resource modifier with an unknown key",
        "resource_modifier.definition.resourceModifierRules[0]: unknown when",
        resource_modifier={"definition": UNKNOWN_KEY},
    ),
    spec(
        "no ConfigMap of resource modifiers",
        "failed to get resource modifiers configmap velero/m",
        resource_modifier={"name": "m"},
    ),
    request("unreadable timeout", "it is not a duration", resource_timeout="10 minutes"),
    request(
        "label that is no text", "labels.team: the value is of type bool", labels={"team": True}
    ),
    request("circle", "pods → secrets → pods", order={"before": CIRCLE}),
    request("rule of nothing", "select[0]: it says nothing", select=[{"include": False}]),
    request("empty rule", "select[0].names: it is empty", select=[{"names": []}]),
    request("empty selection", "select: it is empty", select=[]),
    request("rule with a wrong pattern", "'[' is no pattern", select=[{"names": ["["]}]),
    refused("rule of nobody", "name", select=[{"name": ["a"]}]),
    request("no concurrency", "concurrency: it is less than 1", concurrency=0),
    request("no requests", "api_qps: it is not more than 0", api_qps=0),
    request("limit of nothing", "archive_limits.max_members", archive_limits={"max_members": 0}),
    request("name that is a path", "cannot be the name", name="../other"),
    request("record without CRD", "restores.velero.io is not installed", record="cluster"),
    Case("name that is taken", taken_name, "includedNamespaces", kind="record"),
    refused("unknown option", "backup. Supported parameters include", backup="shop-full"),
    refused("no storage", "storage, storage_location, archive", storage=None),
    refused("two storages", "mutually exclusive", storage_location="default"),
    refused("unknown provider", "must be one of: directory, aws", storage={"provider": "gcp"}),
    refused("no bucket", "missing: bucket", storage={"provider": "aws"}),
    refused("unknown rerun", "must be one of: never, on_failure, always", rerun="yes"),
    # The storage.
    Case(
        "missing folder",
        lambda world: {"storage": {"provider": "directory", "path": str(world.folder / "none")}},
        "none",
        kind="storage",
    ),
    Case("file as storage", file_as_storage, "file", kind="storage"),
    Case("backup without archive", without("shop-full.tar.gz"), "missing", kind="storage"),
    Case(
        "backup without metadata",
        without("velero-backup.json"),
        "Error retrieving backup",
        phase="FailedValidation",
    ),
    Case("damaged metadata", damaged_metadata, "Error retrieving backup", phase="FailedValidation"),
    Case(
        "unknown storage key",
        lambda world: world.bucket(config={"regoin": "eu"}),
        "config has invalid keys [regoin]",
        kind="request",
    ),
    Case(
        "storage key that is a list",
        lambda world: world.bucket(config={"region": ["eu"]}),
        "not a text",
        kind="request",
    ),
    Case(
        "address that is none",
        lambda world: world.bucket(config={"region": "eu", "s3Url": "ftp://x"}),
        "Invalid s3 url",
        kind="request",
    ),
    Case(
        "missing credentials file",
        lambda world: world.bucket(credentials_file="/none/cloud"),
        "/none/cloud",
        kind="request",
    ),
    Case(
        "missing bucket",
        lambda world: {
            "storage": {
                "provider": "aws",
                "bucket": "no-such-bucket",
                "config": {
                    "region": "us-east-1",
                    "s3Url": world.s3.url,
                    "s3ForcePathStyle": True,
                },
                "credentials_file": str(world.s3.credentials_file),
            }
        },
        "no-such-bucket",
        kind="storage",
    ),
    Case(
        "missing storage location",
        lambda world: {"storage": None, "storage_location": "default"},
        "velero/default",
        kind="request",
    ),
    Case(
        "archive without artifacts", plain_archive(good_archive()), "Give artifacts", kind="request"
    ),
    Case("missing archive", plain_archive(None), "there is no such file", kind="request"),
    # The archive.
    broken("archive that is cut off", "unexpected EOF", lambda: good_archive()[:-4000]),
    broken("archive with flipped bits", "", corrupted),
    broken(
        "archive that is none", "gzip: invalid header", lambda: b"hello, world, this is no gzip"
    ),
    broken("gzip that is no tar", "", lambda: gzip.compress(b"x" * 2_000)),
    broken("path out of the archive", "../", lambda: tar(entry("../../etc/cron.d/x"))),
    broken("absolute path", "/etc", lambda: tar(entry("/etc/cron.d/x"))),
    broken("symbolic link", "link", lambda: tar(entry(ITEM, kind=tarfile.SYMTYPE))),
    broken("hard link", "link", lambda: tar(entry(ITEM, kind=tarfile.LNKTYPE))),
    broken("device", "device", lambda: tar(entry(ITEM, kind=tarfile.CHRTYPE))),
    broken("same entry twice", "there are two entries", lambda: tar(entry(ITEM), entry(ITEM))),
    broken(
        "bomb",
        "",
        lambda: tar(
            entry(ITEM, b"0" * 31_000_000),
            entry(ITEM + "2", b"0" * 31_000_000),
            entry(ITEM + "3", b"0" * 31_000_000),
        ),
    ),
    broken("huge item", "too large", lambda: tar(entry(ITEM, b"0" * 40_000_000))),
    # The connection.
    spec("missing kubeconfig", "/none", phase="", kind="cluster_config", kubeconfig="/none/config"),
    Case(
        "kubeconfig that is none", file_named("kc", "[1, 2]", "kubeconfig"), "kc", "cluster_config"
    ),
    spec("unknown context", "no-such", phase="", kind="cluster_config", context="no-such"),
    Case("unreadable CA", file_named("ca", "no PEM", "ca_cert"), "ca", "cluster_config"),
    spec(
        "missing client key",
        "/none",
        phase="",
        kind="cluster_config",
        client_cert="/none/c",
        client_key="/none/k",
    ),
    Case(
        "scheme that is none", set_server("ftp://127.0.0.1"), "https://host:port", "cluster_config"
    ),
    Case("no server there", set_server("https://127.0.0.1:9"), "127.0.0.1:9", "connection"),
    Case(
        "certificate of a stranger", changed_kubeconfig(wrong_ca), "certificate", "cluster_config"
    ),
    Case("token of nobody", set_user(token="wrong-token"), "Unauthorized", "rights"),
    Case(
        "broken credential plugin",
        set_user(
            exec={
                "apiVersion": "client.authentication.k8s.io/v1",
                "command": "/none/plugin",
                "interactiveMode": "Never",
            }
        ),
        "/none/plugin",
        "cluster_config",
    ),
]


@pytest.fixture(scope="module")
def proxy(shared_cluster: Cluster) -> Iterator[Proxy]:
    from tests.support.proxy import Proxy, Tls

    if shared_cluster.ca is None:
        pytest.skip("a cluster with a CA of its own is needed")
    certificate = shared_cluster.ca.server_certificate("bad-input")
    tls = Tls(certificate.cert_file, certificate.key_file, backend_ca=shared_cluster.ca.ca_file)
    with Proxy(shared_cluster.url, tls=tls) as running:
        yield running


@pytest.fixture
def world(
    tmp_path: Path, shared_cluster: Cluster, proxy: Proxy, s3: S3Server, monkeypatch: Any
) -> World:
    for name in list(os.environ):
        if name.startswith(("K8S_AUTH_", "AWS_")) or name == "KUBECONFIG":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    shutil.copytree(BACKUPS / "shop-full", tmp_path / "storage" / "backups" / "shop-full")
    proxy.clear()
    return World(tmp_path, shared_cluster, proxy, s3)


def test_there_are_enough_kinds() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 25


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_and_nothing_is_written(case: Case, world: World) -> None:
    params = world.params(**case.given(world))
    before = world.files()
    result = run(RESTORE, ansible_restore.run, params)
    assert result["failed"] is True, result["msg"]
    assert case.text in result["msg"]
    assert result.get("error", {}).get("kind", "") == case.kind
    assert result.get("restore", {}).get("status", {}).get("phase", "") == case.phase
    assert result["msg"].endswith((".", "!", "?")) or not case.kind
    assert "Traceback" not in json.dumps(result)
    assert result["changed"] is False or case.leaves_results
    assert world.writes() == []
    after = world.files()
    if case.leaves_results:
        after = {name: data for name, data in after.items() if not name.startswith("restores/")}
    assert after == before


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.leaves_results][:3],
    ids=lambda case: case.name,
)
def test_check_mode_writes_no_results_either(case: Case, world: World) -> None:
    params = world.params(**case.given(world))
    before = world.files()
    run(RESTORE, ansible_restore.run, params, check_mode=True)
    assert world.writes() == []
    assert world.files() == before


def playbook(world: World, *options: str) -> subprocess.CompletedProcess[str]:
    where = {"provider": "directory", "path": str(world.storage)}
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "velero.core.restore",
        "-e",
        json.dumps({"restore_storage": where}),
        *options,
    ]
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".dev"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
    }
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_the_playbook_stops_at_a_missing_backup(world: World) -> None:
    before = world.files()
    done = playbook(
        world, "-e", f"restore_kubeconfig={world.kubeconfig()}", "-e", "restore_backup_name=gone"
    )
    assert done.returncode == 2
    assert "The storage has no backup gone." in done.stdout
    assert (world.writes(), world.files()) == ([], before)


def test_the_playbook_stops_where_rights_are_missing(world: World) -> None:
    before = world.files()
    kubeconfig = world.cluster.kubeconfig("narrow", server=world.proxy.url)
    done = playbook(
        world, "-e", f"restore_kubeconfig={kubeconfig}", "-e", "restore_backup_name=shop-full"
    )
    assert done.returncode == 2
    assert "The user of this play may not do what the restore needs: " in done.stdout
    output = " ".join(done.stdout.split())
    assert "create, get, list, patch clusterroles.rbac.authorization.k8s.io; " in output
    assert "secrets in billing, shop" in output
    assert (world.writes(), world.files()) == ([], before)
