# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The security context of the wait container, as its ConfigMap configures it.

Source: pkg/util/kube/security_context.go, reference sections 3.13 and 4.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
SecurityContext = dict[str, Any]

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_INTEGER_LIMIT = 2**63

_STRING, _INTEGER, _BOOLEAN, _STRINGS = "string", "integer", "boolean", "strings"
_PROFILE = {"type": _STRING, "localhostProfile": _STRING}
_SCHEMA: Schema = {
    "capabilities": {"add": _STRINGS, "drop": _STRINGS},
    "privileged": _BOOLEAN,
    "seLinuxOptions": dict.fromkeys(("user", "role", "type", "level"), _STRING),
    "windowsOptions": {
        "gmsaCredentialSpecName": _STRING,
        "gmsaCredentialSpec": _STRING,
        "runAsUserName": _STRING,
        "hostProcess": _BOOLEAN,
    },
    "runAsUser": _INTEGER,
    "runAsGroup": _INTEGER,
    "runAsNonRoot": _BOOLEAN,
    "readOnlyRootFilesystem": _BOOLEAN,
    "allowPrivilegeEscalation": _BOOLEAN,
    "procMount": _STRING,
    "seccompProfile": _PROFILE,
    "appArmorProfile": _PROFILE,
}

# What Pod Security calls "restricted".
_DEFAULT: SecurityContext = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}


class SecurityContextError(ValueError):
    """Configured values that Velero does not accept, in its words."""


def default_security_context() -> SecurityContext:
    """Returns the context of a wait container that nothing else gives one."""
    return copy.deepcopy(_DEFAULT)


def configured_security_context(config: Mapping[str, str]) -> SecurityContext | None:
    """Returns the configured context, or None when nothing of it is configured.

    The YAML of ``secCtx`` comes on top of the single values. Raises SecurityContextError, and
    MissingLibraryError when there is YAML and no PyYAML.
    """
    user, group = config.get("secCtxRunAsUser"), config.get("secCtxRunAsGroup")
    escalation, text = config.get("secCtxAllowPrivilegeEscalation"), config.get("secCtx")
    if not (user or group or escalation or text):
        return None
    context: SecurityContext = {}
    if user:
        context["runAsUser"] = _number("runAsUser", user)
    if group:
        context["runAsGroup"] = _number("runAsGroup", group)
    if escalation:
        context["allowPrivilegeEscalation"] = _truth("allowPrivilegeEscalation", escalation)
    if text:
        _overlay(context, text)
    return context


def _number(name: str, value: str) -> int:
    if _WHOLE_NUMBER.fullmatch(value) and -_INTEGER_LIMIT <= int(value) < _INTEGER_LIMIT:
        return int(value)
    raise SecurityContextError(f'Security context {name} "{value}" is not a number')


def _truth(name: str, value: str) -> bool:
    if value in _TRUE or value in _FALSE:
        return value in _TRUE
    raise SecurityContextError(f'Security context {name} "{value}" is not a boolean')


def _overlay(context: SecurityContext, text: str) -> None:
    # Only needed here; PyYAML may be absent where no YAML is configured.
    from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import (
        GoYamlError,
        load_strict,
    )

    try:
        _merge(context, load_strict(text), _SCHEMA)
    except (GoYamlError, SecurityContextError) as error:
        raise SecurityContextError(f'Security context secCtx error: "{error}"') from None


def _merge(target: dict[str, Any], given: Any, schema: Schema) -> None:
    if given is None:
        return
    if not isinstance(given, dict):
        raise SecurityContextError("an object is needed")
    by_lower = {name.lower(): name for name in schema}
    for key, value in given.items():
        # Go's decoder takes field names in any case.
        name = by_lower.get(str(key).lower())
        if name is None:
            raise SecurityContextError(f'unknown field "{key}"')
        if value is None:
            target.pop(name, None)
        elif isinstance(schema[name], str):
            target[name] = _scalar(name, value, schema[name])
        else:
            _merge(target.setdefault(name, {}), value, schema[name])


def _scalar(name: str, value: Any, wanted: str) -> Any:
    if wanted == _STRING and not isinstance(value, (dict, list)):
        return _as_text(value)
    if wanted == _BOOLEAN and isinstance(value, bool):
        return value
    if wanted == _INTEGER and _is_whole(value):
        return _number(name, str(int(value)))
    if wanted == _STRINGS and _is_list_of_scalars(value):
        return [_as_text(item) for item in value]
    raise SecurityContextError(f"wrong type of {name}")


def _is_whole(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_list_of_scalars(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)


def _as_text(value: Any) -> str:
    # YAML scalars become texts where Kubernetes' decoder expects a text.
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
