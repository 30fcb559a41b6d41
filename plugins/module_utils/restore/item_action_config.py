# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Item actions in the cluster: ConfigMaps with declared actions, or with Velero's settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.declared.sources import (
    ACTION_KEY,
    ACTION_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_config import (
    CHANGE_IMAGE_NAME,
    CHANGE_STORAGE_CLASS,
    CONFIG_KIND,
    CONFIG_LABEL,
    POD_VOLUME_RESTORE,
    config_selector,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    NotFoundError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import (
    GoYamlError,
    load_strict,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CONFIG_MAPS
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.restore.record import (
    MANAGED_BY,
    MANAGED_BY_LABEL,
    is_ours,
)

_DOMAIN = "velero.io/"
# The names that Velero's documentation gives them.
_USUAL_NAMES = {
    CHANGE_STORAGE_CLASS: "change-storage-class-config",
    CHANGE_IMAGE_NAME: "change-image-name-config",
    POD_VOLUME_RESTORE: "fs-restore-action-config",
}
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of a ConfigMap, or would; None where there is none."""

    before: Manifest | None
    after: Manifest | None

    @property
    def changed(self) -> bool:
        """Returns whether the two differ."""
        return self.before != self.after


def config_map_name(text: str) -> str:
    """Returns the name of the ConfigMap for an action (``example.com/wait``: example.com-wait).

    Raises RequestError.
    """
    name = re.sub(r"[/_]", "-", text.lower())
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise RequestError(
            "naming the ConfigMap of", text, "no name for a ConfigMap can be made of it"
        )
    return name


def plugin_label(plugin: str) -> str:
    """Returns the label key of a plugin; a bare name is one of Velero's."""
    return plugin if "/" in plugin else _DOMAIN + plugin


class ActionConfigs:
    """The ConfigMaps of item actions in one namespace."""

    def __init__(self, cluster: Cluster, namespace: str, *, check_mode: bool) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._check_mode = check_mode

    def store_action(self, document: Manifest, name: str = "") -> Change:
        """Makes a ConfigMap say what a (checked) declared action says.

        One that declares an action of the same name is taken for it, whatever its own name is.
        Raises RequestError, ApiError.
        """
        target = config_map_name(name or str(document["name"]))
        found = self._one(self._declared(target, str(document["name"])), str(document["name"]))
        same = found is not None and _document(found) == document
        text = found["data"][ACTION_KEY] if same and found else yaml_text(document)
        data = {**((found or {}).get("data") or {}), ACTION_KEY: text}
        return self._write(found, target, {ACTION_LABEL: ""}, data)

    def store_plugin_config(self, plugin: str, data: Mapping[str, str], name: str = "") -> Change:
        """Makes the one ConfigMap of a plugin hold exactly ``data``.

        Raises RequestError, ApiError.
        """
        label = plugin_label(plugin)
        found = self._plugin_config(label)
        if found is not None and name and found["metadata"]["name"] != name:
            raise RequestError(
                "storing the configuration of",
                label,
                f"ConfigMap {self._full(found)} holds it already, and two are one too many",
                "Leave name out to change that one, or remove it first",
            )
        usual = config_map_name(f"{label.rpartition('/')[2]}-config")
        target = name or _USUAL_NAMES.get(label, usual)
        return self._write(found, target, {CONFIG_LABEL: "", label: CONFIG_KIND}, dict(data))

    def remove_action(self, name: str) -> Change:
        """Removes the ConfigMap of a declared action, or the plugin's one of this very name.

        Raises RequestError for one that was not made here, ApiError.
        """
        target = config_map_name(name)
        found = self._declared(target, name)
        if not found:
            found = [item for item in self._list(CONFIG_LABEL) if _name(item) == target]
        return self._remove(self._one(found, name))

    def remove_plugin_config(self, plugin: str, name: str = "") -> Change:
        """Removes the ConfigMap of a plugin; with a name only if it is that one.

        Raises RequestError for one that was not made here, ApiError.
        """
        found = self._plugin_config(plugin_label(plugin))
        if found is not None and name and _name(found) != name:
            found = None
        return self._remove(found)

    def _declared(self, target: str, action: str) -> list[Manifest]:
        return [
            item
            for item in self._list(ACTION_LABEL)
            if _name(item) == target or (_document(item) or {}).get("name") == action
        ]

    def _plugin_config(self, label: str) -> Manifest | None:
        return self._one(self._list(config_selector(label)), label)

    def _list(self, selector: str) -> list[Manifest]:
        return list(self._cluster.list(CONFIG_MAPS, self._namespace, selector))

    def _one(self, found: list[Manifest], what: str) -> Manifest | None:
        if len(found) > 1:
            names = ", ".join(sorted(_name(item) for item in found))
            raise RequestError(
                "finding the ConfigMap of",
                what,
                f"there are several in namespace {self._namespace}: {names}",
                "Keep one of them; with several no restore can tell which one counts",
            )
        return found[0] if found else None

    def _write(
        self, found: Manifest | None, target: str, labels: dict[str, str], data: dict[str, str]
    ) -> Change:
        labels = {**labels, MANAGED_BY_LABEL: MANAGED_BY}
        if found is None:
            return Change(before=None, after=self._create(target, labels, data))
        present = found["metadata"].get("labels") or {}
        change = Change(before=_shown(found), after=_shown(found, {**present, **labels}, data))
        if change.changed and not self._check_mode:
            gone = dict.fromkeys(found.get("data") or {})
            patch = {"metadata": {"labels": labels}, "data": {**gone, **data}}
            self._cluster.merge_patch(CONFIG_MAPS, self._namespace, _name(found), patch)
        return change

    def _create(self, name: str, labels: dict[str, str], data: dict[str, str]) -> Manifest:
        body: Manifest = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": self._namespace, "labels": labels},
            "data": data,
        }
        self._check_free(name)
        if not self._check_mode:
            try:
                self._cluster.create(CONFIG_MAPS, self._namespace, body)
            except NotFoundError as error:
                error.hint = f"Create the namespace {self._namespace}, or set velero_namespace"
                raise
        return _shown(body)

    def _check_free(self, name: str) -> None:
        try:
            self._cluster.get(CONFIG_MAPS, self._namespace, name)
        except NotFoundError:
            return
        raise RequestError(
            "creating ConfigMap",
            namespaced_name(self._namespace, name),
            "there is one of this name that is for something else",
            "Choose another name",
        )

    def _remove(self, found: Manifest | None) -> Change:
        if found is None:
            return Change(before=None, after=None)
        if not is_ours(found):
            raise RequestError(
                "removing ConfigMap",
                self._full(found),
                "it was not made by velero.core",
                "Delete it with kubectl, or take it over with state: present first",
            )
        if not self._check_mode:
            self._cluster.delete(CONFIG_MAPS, self._namespace, _name(found))
        return Change(before=_shown(found), after=None)

    def _full(self, found: Manifest) -> str:
        return namespaced_name(self._namespace, _name(found))


def _name(item: Manifest) -> str:
    return str(item["metadata"]["name"])


def _shown(
    item: Manifest, labels: Mapping[str, str] | None = None, data: Mapping[str, str] | None = None
) -> Manifest:
    metadata = item["metadata"]
    return {
        "name": metadata["name"],
        "namespace": metadata.get("namespace", ""),
        "labels": dict((metadata.get("labels") or {}) if labels is None else labels),
        "data": dict((item.get("data") or {}) if data is None else data),
    }


def _document(item: Manifest) -> dict[str, Any] | None:
    """What a ConfigMap declares; None when that cannot be read."""
    try:
        found = load_strict((item.get("data") or {}).get(ACTION_KEY) or "")
    except GoYamlError:
        return None
    return found if isinstance(found, dict) else None


def yaml_text(value: Any) -> str:
    """Returns ``value`` as YAML for people; raises MissingLibraryError."""
    try:
        import yaml
    except ImportError:
        raise MissingLibraryError("PyYAML", "declared item actions") from None
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
    return text
