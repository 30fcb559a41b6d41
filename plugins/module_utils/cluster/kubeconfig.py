# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfig files: read, merged, and looked up by context."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ClusterConfigError,
    MissingLibraryError,
)

_SECTIONS = ("clusters", "users", "contexts")


@dataclass(frozen=True, slots=True)
class Entry:
    """A cluster, user or context, and the folder that its relative paths start from."""

    data: dict[str, Any] = field(repr=False)
    folder: str = ""

    def text(self, key: str) -> str:
        """Returns a setting as text, empty when it is absent."""
        value = self.data.get(key)
        return "" if value is None else str(value)

    def path(self, key: str) -> str:
        """Returns a path setting made absolute, empty when it is absent."""
        value = self.text(key)
        return os.path.join(self.folder, value) if value else ""

    def content(self, key: str) -> bytes:
        """Returns what ``key-data`` holds or the file that ``key`` names; empty without both.

        Raises ClusterConfigError when it cannot be read.
        """
        inline = self.text(f"{key}-data")
        if not inline:
            path = self.path(key)
            return read_file(path, key) if path else b""
        try:
            return base64.b64decode(inline, validate=True)
        except (binascii.Error, ValueError):
            raise ClusterConfigError(
                "reading", f"{key}-data of the kubeconfig", "it is not base64"
            ) from None


@dataclass(frozen=True, slots=True)
class Selection:
    """The cluster and the user of one context."""

    cluster: Entry
    user: Entry
    context: str


@dataclass(slots=True)
class Kubeconfig:
    """Merged kubeconfigs; of entries with the same name the first one counts.

    ``paths`` is empty for inline data.
    """

    origin: str
    paths: tuple[str, ...] = ()
    current_context: str = ""
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict, repr=False)

    def merge(self, document: Any, folder: str, origin: str) -> None:
        """Adds a parsed document; raises ClusterConfigError when it is no kubeconfig."""
        if not isinstance(document, dict):
            raise ClusterConfigError("reading", origin, "it is not a kubeconfig")
        self.current_context = self.current_context or str(document.get("current-context") or "")
        for section in _SECTIONS:
            known = self.entries.setdefault(section, {})
            for item in document.get(section) or []:
                name, data = _named(item, section, origin)
                known.setdefault(name, Entry(data, folder))

    def select(self, context: str = "") -> Selection:
        """Returns the cluster and user of ``context``, or of the current context.

        Raises ClusterConfigError when one of them is not there.
        """
        name = context or self.current_context
        if not name:
            raise ClusterConfigError(
                "reading", self.origin, "it has no current-context", "Name one in context"
            )
        chosen = self._find("contexts", name, "context")
        user = chosen.text("user")
        return Selection(
            self._find("clusters", chosen.text("cluster"), "cluster"),
            self._find("users", user, "user") if user else Entry({}),
            name,
        )

    def _find(self, section: str, name: str, word: str) -> Entry:
        try:
            return self.entries[section][name]
        except KeyError:
            known = ", ".join(sorted(self.entries.get(section, {}))) or "none"
            raise ClusterConfigError(
                "reading", self.origin, f"it has no {word} {name!r}", f"It has: {known}"
            ) from None


def load_paths(paths: list[str], *, skip_missing: bool = False) -> Kubeconfig:
    """Returns the merged kubeconfig files.

    ``skip_missing`` leaves absent files out as long as one is there. Raises ClusterConfigError.
    """
    present = [path for path in paths if not skip_missing or os.path.exists(path)]
    if not present:
        raise ClusterConfigError(
            "reading", f"kubeconfig {os.pathsep.join(paths)}", "there is no such file"
        )
    merged = Kubeconfig(f"kubeconfig {os.pathsep.join(present)}", tuple(present))
    for path in present:
        origin = f"kubeconfig {path}"
        document = _parse(read_file(path, "kubeconfig"), origin)
        merged.merge(document, os.path.dirname(os.path.abspath(path)), origin)
    return merged


def load_inline(data: str | dict[str, Any]) -> Kubeconfig:
    """Returns a kubeconfig from its text or data; raises ClusterConfigError."""
    origin = "the inline kubeconfig"
    config = Kubeconfig(origin)
    document = _parse(data.encode(), origin) if isinstance(data, str) else data
    config.merge(document, os.getcwd(), origin)
    return config


def read_file(path: str, what: str) -> bytes:
    """Returns a file's content; raises ClusterConfigError when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as exc:
        raise ClusterConfigError(
            "reading", f"{what} {path}", exc.strerror or "it cannot be read"
        ) from None


def _named(item: Any, section: str, origin: str) -> tuple[str, dict[str, Any]]:
    data = item.get(section[:-1]) if isinstance(item, dict) else None
    if not isinstance(item, dict) or "name" not in item or not isinstance(data or {}, dict):
        raise ClusterConfigError("reading", origin, f"an entry of {section} is malformed")
    return str(item["name"]), data or {}


def _parse(content: bytes, origin: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingLibraryError("PyYAML", "reading a kubeconfig") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(content, Loader=loader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        # The parser's own text may quote the line, and with it a token.
        raise ClusterConfigError("reading", origin, f"it is not YAML{where}") from None
