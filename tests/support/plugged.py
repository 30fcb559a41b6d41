# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items that ask the test plugin for something (tests/testbed/plugins), by label and annotation."""

from __future__ import annotations

from typing import Any

DOMAIN = "example.test/"
NAMESPACE = "plugged"


def config_map(name: str, *labels: str, **options: str) -> dict[str, Any]:
    """Labels name the actions that apply, options are what they are to do."""
    marks = {DOMAIN + key.replace("_", "-"): value for key, value in options.items()}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {DOMAIN + label: "" for label in labels},
            "annotations": marks,
        },
        "data": {"k": "v"},
    }
