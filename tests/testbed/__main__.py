"""`python -m tests.testbed up [--detach] [--profile NAME] | down`: a cluster and an S3 server
by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from . import build
from .cluster import PROFILES, start_cluster
from .processes import alive
from .s3 import start_s3

_START_SECONDS = 60


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.testbed", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start; prints shell exports; ends with Ctrl-C")
    up.add_argument("--detach", action="store_true", help="return when it runs; end it with `down`")
    up.add_argument("--profile", choices=sorted(PROFILES), default="default")
    commands.add_parser("down", help="end the one that `up` started")
    arguments = parser.parse_args()
    state = build.cache_root() / "running.json"
    if arguments.command == "down":
        return _down(state)
    running = _read(state)
    if running:
        print("# it runs already")
        _print_exports(running["environment"])
        return 0
    return (
        _up_detached(state, arguments.profile)
        if arguments.detach
        else _up(state, arguments.profile)
    )


def _up(state: Path, profile: str) -> int:
    # `down` and a closed terminal end it as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with start_cluster(profile=profile) as cluster, start_s3() as s3:
        environment = {"KUBECONFIG": str(cluster.kubeconfig()), **s3.environment()}
        environment["VELERO_TESTBED_BUCKET"] = s3.bucket
        environment["VELERO_TESTBED_CREDENTIALS_FILE"] = str(s3.credentials_file)
        state.parent.mkdir(parents=True, exist_ok=True)
        state.touch(mode=0o600)
        state.write_text(json.dumps({"pid": os.getpid(), "environment": environment}))
        _print_exports(environment)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass
        finally:
            state.unlink(missing_ok=True)
    return 0


def _up_detached(state: Path, profile: str) -> int:
    # Here, where the messages of a first build are seen, and not in the detached process.
    build.kubernetes_binaries()
    build.versitygw_binaries()
    log = build.cache_root() / "running.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.testbed", "up", "--profile", profile],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        running = _read(state)
        if running:
            _print_exports(running["environment"])
            return 0
        time.sleep(0.05)
    print(f"the test bed did not start:\n{log.read_text()[-3000:]}", file=sys.stderr)
    return 1


def _down(state: Path) -> int:
    running = _read(state)
    if running is None:
        print("no test bed is running")
        return 0
    os.kill(running["pid"], signal.SIGTERM)
    while alive(running["pid"]):
        time.sleep(0.05)
    return 0


def _read(state: Path) -> dict[str, Any] | None:
    """What runs; None if the process of the state file is gone or its number is another's by
    now.
    """
    try:
        running: dict[str, Any] = json.loads(state.read_text())
        command = Path(f"/proc/{running['pid']}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return running if b"tests.testbed" in command and alive(running["pid"]) else None


def _print_exports(environment: dict[str, str]) -> None:
    for name, value in environment.items():
        print(f"export {name}={shlex.quote(value)}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
