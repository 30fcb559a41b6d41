# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a restore's own actions come from: ConfigMaps in the cluster, then the task's list."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ItemAction
from ansible_collections.velero.core.plugins.module_utils.actions.declared.action import (
    Declaration,
    DeclaredAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.checking import invalid
from ansible_collections.velero.core.plugins.module_utils.actions.declared.live import LiveObjects
from ansible_collections.velero.core.plugins.module_utils.actions.python_action import (
    PythonAction,
    load_python_action,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ForbiddenError
from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import (
    GoYamlError,
    load_strict,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CONFIG_MAPS
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import type_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)

ACTION_LABEL = "velero-core.io/item-action"
ACTION_KEY = "action.yaml"

Source: TypeAlias = "Declaration | PythonAction"
_PYTHON_KEYS = ("python", "class", "options")


class OwnActions:
    """The actions of users of one restore, checked and in order."""

    def __init__(self, sources: Sequence[Source] = ()) -> None:
        """Takes actions; raises RequestError when two have one name."""
        self._sources = tuple(sources)
        names = [source.name for source in sources]
        self.check_names(name for at, name in enumerate(names) if name in names[:at])

    def check_names(self, others: Iterable[str]) -> None:
        """Raises RequestError when one of these actions has a name of ``others``."""
        taken = {source.name for source in self._sources} & set(others)
        if taken:
            raise invalid(min(taken), "two item actions have this name")

    def bind(self, cluster: Cluster, clock: Clock) -> tuple[ItemAction, ...]:
        """Returns the actions for one run, which look at objects in ``cluster``."""
        live = LiveObjects(cluster, clock)
        return tuple(
            DeclaredAction(source, live) if isinstance(source, Declaration) else source
            for source in self._sources
        )


def stored_actions(cluster: Cluster, namespace: str) -> list[Declaration]:
    """Returns the actions of the labelled ConfigMaps in the Velero namespace, by name.

    Raises RequestError that names the ConfigMap, ClusterError.
    """
    try:
        found = list(cluster.list(CONFIG_MAPS, namespace, ACTION_LABEL))
    except ForbiddenError as error:
        error.hint = "Allow it, or set cluster_item_actions to false to do without them"
        raise
    return [stored_action(item) for item in sorted(found, key=_name)]


def stored_action(config_map: Manifest) -> Declaration:
    """Returns the action of one ConfigMap; raises RequestError."""
    metadata = config_map["metadata"]
    name = namespaced_name(str(metadata.get("namespace", "")), _name(config_map))
    where = f"ConfigMap {name}"
    text = (config_map.get("data") or {}).get(ACTION_KEY)
    if text is None:
        raise invalid(where, f"it has the label {ACTION_LABEL} and no key {ACTION_KEY}")
    return Declaration(_document(text, where), where)


def listed_actions(entries: Sequence[Any], option: str = "item_actions") -> Iterator[Source]:
    """Yields the actions of the task's list; raises RequestError."""
    for at, entry in enumerate(entries):
        yield _listed(entry, f"{option}[{at}]")


def _listed(entry: Any, where: str) -> Source:
    if not isinstance(entry, Mapping):
        raise invalid(where, f"a mapping is needed, not a {type_name(entry)}")
    if "python" in entry:
        return _python(entry, where)
    if "file" in entry:
        _refuse_others(entry, ("file",), where)
        path = os.path.expanduser(_text(entry, "file", where))
        where = f"{where} {path}"
        return Declaration(_document(_read(path, where), where), where)
    return Declaration(dict(entry), where)


def _python(entry: Mapping[str, Any], where: str) -> PythonAction:
    _refuse_others(entry, _PYTHON_KEYS, where)
    options = entry.get("options") or {}
    if not isinstance(options, dict) or not all(isinstance(name, str) for name in options):
        raise invalid(f"{where}.options", "a mapping of names to values is needed")
    path, class_name = _text(entry, "python", where), _text(entry, "class", where)
    return load_python_action(path, class_name, options, where)


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise invalid(f"{where}.{key}", "a text is needed")
    return value


def _refuse_others(entry: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    unknown = sorted(str(key) for key in entry if key not in known)
    if unknown:
        raise invalid(where, f"unknown {', '.join(unknown)}; beside {known[0]} there are {known}")


def _read(path: str, where: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise invalid(where, f"the file cannot be read: {why}") from None


def _document(text: str, where: str) -> Any:
    try:
        return load_strict(text)
    except GoYamlError as error:
        raise invalid(where, f"it is no YAML: {' '.join(str(error).split())}") from None


def _name(item: Manifest) -> str:
    return str(item["metadata"].get("name", ""))
