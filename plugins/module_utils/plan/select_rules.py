# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that select items by kind, namespace, name, labels and annotations.

Every criterion of a rule that is given has to hold. An item is selected if a rule that includes
matches it, or there is none, and no rule that excludes does. A rule is for objects in namespaces,
unless it names kinds: objects at cluster scope are only selected on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.glob import (
    compile_glob,
    glob_matches,
)
from ansible_collections.velero.core.plugins.module_utils.model.refinement import SelectRule
from ansible_collections.velero.core.plugins.module_utils.model.selectors import (
    SelectorError,
    compile_selector,
)
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId
from ansible_collections.velero.core.plugins.module_utils.plan.resource_names import ResourceNames

Test = Callable[[str], bool]


class SelectRules:
    """The rules of one restore, compiled.

    ``unknown`` are pairs of a rule's number (from 0) and a kind in it that means no resource.
    """

    def __init__(self, rules: Iterable[SelectRule], names: ResourceNames) -> None:
        self._rules = [_Rule(rule, at, names) for at, rule in enumerate(rules)]
        self._includes = [rule for rule in self._rules if rule.include]
        self._excludes = [rule for rule in self._rules if not rule.include]
        self.unknown = [(rule.number, kind) for rule in self._rules for kind in rule.unknown]

    def idle(self) -> list[int]:
        """Returns the numbers of the rules that have matched no item so far."""
        return [rule.number for rule in self._rules if not rule.hits]

    def may_select(self, item: ItemId) -> bool:
        """Returns whether ``item`` can be selected, whatever its content."""
        return not self._includes or any(rule.may_match(item) for rule in self._includes)

    def selects(self, item: ItemId, obj: Mapping[str, Any]) -> bool:
        """Returns whether ``item`` is selected; every rule is asked, so that hits are true."""
        included = [rule.matches(item, obj) for rule in self._includes]
        excluded = self.excludes(item, obj)
        return (not included or any(included)) and not excluded

    def excludes(self, item: ItemId, obj: Mapping[str, Any]) -> bool:
        """Returns whether a rule excludes ``item``."""
        matched = [rule.matches(item, obj) for rule in self._excludes]
        return any(matched)


class _Rule:
    """One rule; raises RequestError when it is wrong in itself."""

    def __init__(self, rule: SelectRule, number: int, names: ResourceNames) -> None:
        where = f"select[{number}]"
        _check(rule, where)
        self.number = number
        self.include = rule.include
        self.hits = 0
        kinds = {kind: names.matching(kind) for kind in rule.kinds or ()}
        self.unknown = [kind for kind, found in kinds.items() if not found]
        self._resources = None if rule.kinds is None else frozenset().union(*kinds.values())
        self._namespace = _any_glob(rule.namespaces)
        self._name = _any_glob(rule.names)
        self._annotations = list((rule.annotations or {}).items())
        try:
            self._labels = compile_selector(rule.label_selector)
        except SelectorError as error:
            raise _refused(f"{where}.label_selector", str(error)) from error

    def may_match(self, item: ItemId) -> bool:
        """Returns whether kind, namespace and name are those of the rule."""
        if self._resources is not None and item.gr not in self._resources:
            return False
        if not item.namespace and (self._resources is None or self._namespace is not None):
            return False
        if self._namespace is not None and not self._namespace(item.namespace):
            return False
        return self._name is None or self._name(item.name)

    def matches(self, item: ItemId, obj: Mapping[str, Any]) -> bool:
        """Returns whether every criterion holds, and counts it."""
        if not self.may_match(item):
            return False
        if not self._labels(_of_metadata(obj, "labels")):
            return False
        annotations = _of_metadata(obj, "annotations")
        if not all(_annotated(annotations, *wanted) for wanted in self._annotations):
            return False
        self.hits += 1
        return True


def _annotated(annotations: Mapping[str, Any], key: str, value: str) -> bool:
    return any(
        glob_matches(key, name) and glob_matches(value, str(text))
        for name, text in annotations.items()
    )


def _of_metadata(obj: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    metadata = obj.get("metadata")
    found = metadata.get(key) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def _any_glob(patterns: Iterable[str] | None) -> Test | None:
    if patterns is None:
        return None
    wanted = tuple(patterns)
    return lambda text: any(glob_matches(pattern, text) for pattern in wanted)


def _check(rule: SelectRule, where: str) -> None:
    criteria: dict[str, Any] = {
        "kinds": rule.kinds,
        "namespaces": rule.namespaces,
        "names": rule.names,
        "label_selector": rule.label_selector,
        "annotations": rule.annotations,
    }
    given = {name: value for name, value in criteria.items() if value is not None}
    if not given:
        raise _refused(where, "it says nothing about what it selects")
    for name, value in given.items():
        if not value:
            # A variable that turned out empty must not select everything.
            raise _refused(
                f"{where}.{name}", "it is empty", "Leave it out where it does not matter"
            )
    annotations = dict(rule.annotations or {})
    names = [*(rule.kinds or ()), *(rule.namespaces or ()), *(rule.names or ()), *annotations]
    # Only the value of an annotation can be empty.
    wrong: list[str] = [text for text in names if not text]
    wrong += [text for text in (*names, *annotations.values()) if compile_glob(text) is None]
    if wrong:
        raise _refused(where, f"{wrong[0]!r} is no pattern")


def _refused(target: str, why: str, hint: str = "") -> RequestError:
    return RequestError("reading", target, why, hint)
