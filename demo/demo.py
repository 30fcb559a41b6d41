# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores a real Velero backup into a fresh cluster and shows what happens."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "demo"
BACKUPS = ROOT / "tests" / "data" / "backup-storage"
BACKUP = "shop-full"

sys.path.insert(0, str(ROOT))

STYLED = sys.stdout.isatty()


def main() -> int:
    from tests.testbed.cluster import start_cluster

    began = time.monotonic()
    say("A fresh cluster", "etcd and the Kubernetes API server, on this machine only")
    with (
        tempfile.TemporaryDirectory(prefix="velero-core-demo-") as folder,
        start_cluster(profile="golden") as cluster,
    ):
        storage = Path(folder, "storage")
        shutil.copytree(BACKUPS / "backups" / BACKUP, storage / "backups" / BACKUP)
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".dev"),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_FORCE_COLOR": "true" if STYLED else "false",
            "DEMO_STORAGE": str(storage),
            # The playbooks find the cluster by the environment, as in an AWX job.
            "K8S_AUTH_HOST": cluster.url,
            "K8S_AUTH_API_KEY": cluster.token,
            "K8S_AUTH_SSL_CA_CERT": str(cluster.ca_file),
        }
        print(f"    {cluster.url} is ready after {time.monotonic() - began:.0f} s")
        play(environment, "demo/prepare.yml", last=0)

        say("1. The plan", "what a restore would do; nothing is written")
        play(environment, "velero.core.plan", "--diff")
        files = sum(1 for path in storage.rglob("*") if "restores" in path.parts)
        print(f"    files written to the storage by the plan: {files}")

        say("2. The restore", "the same variables, the playbook velero.core.restore")
        with progress(storage):
            play(environment, "velero.core.restore")

        say("3. The same again", "a finished restore is a fact: nothing changes")
        play(environment, "velero.core.restore", last=22)

        say("4. What is in the cluster", "asked from the API server, without the collection")
        play(environment, "demo/look.yml", last=14)

        say("5. What is in the storage", "the files of a Velero restore, and two of ours")
        for path in sorted((storage / "restores").rglob("*")):
            if path.is_file():
                print(f"    {path.relative_to(storage)}  {path.stat().st_size} bytes")
    say("Done", f"in {time.monotonic() - began:.0f} s; the cluster is gone again")
    return 0


def say(title: str, text: str) -> None:
    """Prints a heading."""
    bold, plain = ("\033[1;36m", "\033[0m") if STYLED else ("", "")
    print(f"\n{bold}=== {title}{plain}  {text}\n", flush=True)


def play(
    environment: dict[str, str], playbook: str, *options: str, last: int | None = None
) -> None:
    """Runs a playbook with the variables of the demo and shows its output, or the end of it.

    Ends the demo when the playbook fails.
    """
    command = ["ansible-playbook", playbook, "-e", "@demo/vars.yml", *options]
    if last != 0:
        print(f"    $ {' '.join(command)}\n", flush=True)
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if last is None:
                show(line)
    if process.returncode:
        last = len(lines)
    if last:
        show("[...]\n")
        for line in lines[-last:]:
            show(line)
    if process.returncode:
        sys.exit(process.returncode)


def show(line: str) -> None:
    """Prints a line of a playbook's output."""
    print(f"    {line}", end="", flush=True)


@contextlib.contextmanager
def progress(storage: Path) -> Iterator[None]:
    """Prints the numbers of the progress file whenever they change."""
    ended = threading.Event()

    def watch() -> None:
        shown = ""
        while not ended.wait(0.2):
            for path in storage.glob("restores/*/restore-*-progress.json"):
                with contextlib.suppress(OSError, ValueError):
                    found = json.loads(path.read_text())
                    text = f"{found.get('itemsRestored')} of {found.get('totalItems')} items"
                    if text != shown:
                        shown = text
                        print(f"    ... progress: {text}", flush=True)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


if __name__ == "__main__":
    sys.exit(main())
