# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`testbed.py start FOLDER | stop FOLDER`: the platform of the scenarios, a fresh test bed.

FOLDER gets the kubeconfig and a copy of the backups. What was started ends with `stop`, or by
itself after half an hour.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BACKUPS = ROOT / "tests" / "data" / "backup-storage"
LIFETIME = 1800
PATIENCE = 60

sys.path.insert(0, str(ROOT))


def start(folder: Path) -> int:
    """Starts the test bed in a process of its own and returns when it is ready."""
    stop(folder)
    shutil.copytree(BACKUPS, folder / "storage", dirs_exist_ok=True)
    command = [sys.executable, __file__, "serve", str(folder)]
    with (folder / "testbed.log").open("wb") as log:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + PATIENCE
    while not (folder / "kubeconfig").exists():
        if time.monotonic() > deadline:
            print((folder / "testbed.log").read_text(), file=sys.stderr)
            return 1
        time.sleep(0.1)
    return 0


def serve(folder: Path) -> int:
    """Runs the test bed until a signal comes.

    The profile has no controllers that make objects of their own, which the role would report.
    """
    from tests.testbed.cluster import start_cluster

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(LIFETIME)
    (folder / "testbed.pid").write_text(str(os.getpid()))
    with start_cluster(profile="golden") as cluster:
        partial = folder / "kubeconfig.new"
        shutil.copyfile(cluster.kubeconfig(), partial)
        partial.replace(folder / "kubeconfig")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0


def stop(folder: Path) -> int:
    """Ends the test bed, if there is one, and removes its files."""
    number = folder / "testbed.pid"
    if number.exists():
        pid = int(number.read_text())
        if b"testbed.py" in _command_of(pid):
            os.kill(pid, signal.SIGTERM)
        while b"testbed.py" in _command_of(pid):
            time.sleep(0.1)
    for name in ("testbed.pid", "testbed.log", "kubeconfig"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "storage", ignore_errors=True)
    return 0


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    sys.exit({"start": start, "serve": serve, "stop": stop}[sys.argv[1]](folder))
