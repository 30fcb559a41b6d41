# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON of requests and answers."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.cluster.http1 import Answer
from ansible_collections.velero.core.plugins.module_utils.model.errors import ConnectionFailedError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_UTF8 = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)
_ASCII = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def encode(body: Any) -> bytes:
    """Returns compact JSON."""
    try:
        return _UTF8.encode(body).encode()
    except UnicodeEncodeError:
        # Lone surrogates are legal as escapes only.
        return _ASCII.encode(body).encode()


def decode(answer: Answer, doing: str, target: str) -> Manifest:
    """Returns the JSON object of an answer; raises ConnectionFailedError when it is none."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ConnectionFailedError(
            doing,
            target,
            "the answer is not a JSON object",
            "Check that host is the address of a Kubernetes API server",
        )
    return body
