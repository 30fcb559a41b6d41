# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says in the schema of a v1 CRD that unknown fields are kept (reference section 3.8).

Source: pkg/restore/actions/crd_v1_preserve_unknown_fields_action.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.go_values import (
    AccessorError,
    json_kind,
    nested_string,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_MARK = "x-kubernetes-preserve-unknown-fields"
_TROUBLE = (
    "unable to convert CRD from unstructured to structured: unable to convert JSON to CRD Go type: "
)
_SPEC_TYPES: dict[str, type] = {"group": str, "names": dict, "scope": str, "conversion": dict}
_VERSION_TYPES: dict[str, type] = {"name": str, "served": bool, "storage": bool, "schema": dict}
_GO_NAMES = {bool: "bool", str: "string", list: "slice", dict: "struct"}


class CrdPreserveFieldsAction(BuiltinAction):
    """Replaces ``preserveUnknownFields: true``, which the v1 API refuses."""

    NAME = "velero.io/crd-preserve-fields"
    # Singular in Velero, too; discovery resolves it.
    RESOURCES = ("customresourcedefinition.apiextensions.k8s.io",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the CRD with the mark at the root of every schema instead of the flag.

        Raises ActionError for fields of another type.
        """
        if _version_of(given.item) == "apiextensions.k8s.io/v1":
            _preserve_in_schemas(given.item)
        return ExecuteOutput(updated_item=given.item)


def _version_of(item: Manifest) -> str:
    # Velero looks for the name in the wrong place; only its type matters.
    for field, what in (("name", "name"), ("apiVersion", "version")):
        try:
            found = nested_string(item, (field,))
        except AccessorError as error:
            raise ActionError(f"could not get CRD {what}: {error}") from error
    return found


def _preserve_in_schemas(item: Manifest) -> None:
    _field(item, "metadata", dict)
    spec = _field(item, "spec", dict) or {}
    for name, wanted in _SPEC_TYPES.items():
        _field(spec, name, wanted, "spec")
    versions = _field(spec, "versions", list, "spec") or []
    flag = _field(spec, "preserveUnknownFields", bool, "spec")
    schemas = [_schema(version) for version in versions]
    if not flag:
        return
    for key in _spellings(spec, "preserveUnknownFields"):
        del spec[key]
    for schema in schemas:
        if schema is not None:
            for key in _spellings(schema, _MARK):
                del schema[key]
            schema[_MARK] = True


def _schema(version: Any) -> Manifest | None:
    """The root schema of a version, None when it has none."""
    if version is None:
        return None
    _need(version, dict, "CustomResourceDefinitionSpec.spec.versions")
    for name, wanted in _VERSION_TYPES.items():
        _field(version, name, wanted, "spec.versions")
    validation: Manifest = _field(version, "schema", dict, "spec.versions") or {}
    found: Manifest | None = _field(validation, "openAPIV3Schema", dict, "spec.versions.schema")
    _field(found or {}, _MARK, bool, "spec.versions.schema.openAPIV3Schema")
    return found


def _spellings(holder: Manifest, name: str) -> list[str]:
    """The keys that encoding/json takes for ``name``; the last one counts."""
    return sorted(key for key in holder if key.lower() == name.lower())


def _field(holder: Manifest, name: str, wanted: type, path: str = "") -> Any:
    found = None
    for key in _spellings(holder, name):
        if holder[key] is not None:
            _need(
                holder[key],
                wanted,
                ".".join(filter(None, ("CustomResourceDefinition", path, name))),
            )
            found = holder[key]
    return found


def _need(value: Any, wanted: type, path: str) -> None:
    if not isinstance(value, wanted):
        raise ActionError(
            f"{_TROUBLE}json: cannot unmarshal {json_kind(value)} into Go struct field {path} "
            f"of type {_GO_NAMES[wanted]}"
        )
