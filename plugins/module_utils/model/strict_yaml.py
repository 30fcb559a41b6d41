# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as Kubernetes reads configuration strictly: one document, no key twice.

Source: sigs.k8s.io/yaml, UnmarshalStrict.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import MissingLibraryError


class StrictYamlError(ValueError):
    """A text that is not YAML, or has a key twice."""


def load_strict(text: str) -> Any:
    """Returns what ``text`` says. Raises StrictYamlError, MissingLibraryError without PyYAML."""
    try:
        import yaml
    except ImportError:
        raise MissingLibraryError("PyYAML", "reading YAML in a ConfigMap") from None
    try:
        _refuse_doubles(yaml.compose(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise StrictYamlError(" ".join(str(error).split())) from None


def _refuse_doubles(root: Any) -> None:
    # Aliases may make a node part of itself, so every node is looked at once.
    known: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in known:
            continue
        known.add(id(node))
        if node.id == "sequence":
            waiting.extend(node.value)
        elif node.id == "mapping":
            _check_keys([str(key.value) for key, _value in node.value])
            waiting.extend(value for _key, value in node.value)


def _check_keys(keys: list[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise StrictYamlError(f'key "{key}" already set in map')
        seen.add(key)
