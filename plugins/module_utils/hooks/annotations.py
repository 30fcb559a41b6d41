# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exec hooks in the annotations of a pod (reference section 10.2).

Source: getPodExecRestoreHookFromAnnotations in internal/hook/item_hook_handler.go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from ansible_collections.velero.core.plugins.module_utils.hooks.contract import (
    CONTINUE,
    FAIL,
    ExecHook,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.go_text import (
    parse_bool,
    parse_go_duration,
)

PREFIX = "post.hook.restore.velero.io/"
HOOK_NAME = "<from-annotation>"

Warn = Callable[[str], None]


def annotated_hook(annotations: Mapping[str, str], warn: Warn) -> ExecHook | None:
    """Returns the hook that a pod's annotations describe; None without a command.

    Values that cannot be read are told through ``warn`` and ignored.
    """
    command = annotations.get(f"{PREFIX}command")
    if not command:
        return None
    on_error = annotations.get(f"{PREFIX}on-error", "")
    return ExecHook(
        command=parse_command(command),
        container=annotations.get(f"{PREFIX}container", ""),
        on_error=on_error if on_error in (CONTINUE, FAIL) else "",
        exec_timeout=_duration(annotations, "exec-timeout", "exec timeout", warn),
        wait_timeout=_duration(annotations, "wait-timeout", "wait timeout", warn),
        wait_for_ready=_boolean(annotations, "wait-for-ready", "wait for ready", warn),
    )


def parse_command(text: str) -> tuple[str, ...]:
    """Returns a JSON array of texts as such, and anything else as one word (no shell splitting)."""
    if text.startswith("["):
        try:
            words = json.loads(text)
        except ValueError:
            return (text,)
        if isinstance(words, list) and all(word is None or isinstance(word, str) for word in words):
            return tuple(word or "" for word in words)
    return (text,)


def _duration(annotations: Mapping[str, str], suffix: str, words: str, warn: Warn) -> float:
    text = annotations.get(PREFIX + suffix)
    if not text:
        return 0.0
    try:
        seconds = parse_go_duration(text)
    except ValueError as error:
        warn(f"Unable to parse {words} {text}, ignoring: {error}")
        return 0.0
    if seconds < 0:
        warn(f"The {words} {text} is negative, ignoring")
    return max(seconds, 0.0)


def _boolean(annotations: Mapping[str, str], suffix: str, words: str, warn: Warn) -> bool:
    text = annotations.get(PREFIX + suffix)
    if not text:
        return False
    try:
        return parse_bool(text)
    except ValueError as error:
        warn(f"Unable to parse {words} {text}, ignoring: {error}")
        return False
