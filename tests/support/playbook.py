# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks run through ansible-playbook, as users run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.testbed.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]


def ansible(
    folder: Path, cluster: Cluster, tasks: list[dict[str, Any]], *options: str
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """Runs a playbook with `tasks`; returns the process and the result of each task."""
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    (folder / "play.yml").write_text(json.dumps(play))
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".dev"),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "K8S_AUTH_HOST": cluster.url,
        "K8S_AUTH_API_KEY": cluster.token,
        "K8S_AUTH_SSL_CA_CERT": str(cluster.ca_file),
    }
    for number, task in enumerate(tasks):
        task.setdefault("register", f"result_{number}")
    names = "{{ [" + ", ".join(task["register"] for task in tasks) + "] }}"
    copy = {"content": names + "\n", "dest": str(folder / "results.json"), "mode": "0600"}
    play[0]["tasks"] = [*tasks, {"ansible.builtin.copy": copy, "check_mode": False}]
    (folder / "play.yml").write_text(json.dumps(play))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(folder / "play.yml")]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, env=environment, check=False
    )
    results = folder / "results.json"
    return done, json.loads(results.read_text()) if results.exists() else []
