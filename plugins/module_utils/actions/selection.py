# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which actions are for an item (reference sections 1.4 and 1.8).

Source: pkg/plugin/framework/action_resolver.go, pkg/util/collections/includes_excludes.go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ItemAction,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import FEATURE_CSI
from ansible_collections.velero.core.plugins.module_utils.actions.label_selector import (
    LabelSelectorError,
    Matcher,
    parse_label_selector,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources

# Whether a pattern matches a text; None for a pattern that does not compile.
GlobMatcher = Callable[[str, str], "bool | None"]

_CSI_MARK = "velero.io/csi-"


def equal_texts(pattern: str, text: str) -> bool:
    """Returns whether both are equal; enough as a GlobMatcher for the built-in actions."""
    return pattern == text


@dataclass(frozen=True, slots=True)
class SelectedAction:
    """An action with its selector resolved; ``enabled`` is False where a feature is off.

    ``features`` are those that are on, for the log.
    """

    action: ItemAction
    selector: ResourceSelector
    matches_labels: Matcher
    enabled: bool = True
    features: str = ""

    @property
    def name(self) -> str:
        """Returns the action's name."""
        return self.action.name

    def is_for(self, labels: Mapping[str, Any]) -> bool:
        """Returns whether the action runs for an item with these (current) labels."""
        return self.enabled and self.matches_labels(labels)

    def skipped(self, gr: str, namespace: str, name: str) -> str:
        """Returns Velero's line about an item that the action is for, but is not enabled."""
        return (
            f"Skip action {self.name} for resource {gr}:{namespace}/{name}, because the CSI "
            f"feature is not enabled. Feature setting is {self.features}."
        )


class ActionSelection:
    """The actions of one restore in order, resolved once; lists per resource are remembered."""

    def __init__(
        self, actions: Sequence[SelectedAction], glob_matches: GlobMatcher = equal_texts
    ) -> None:
        self.actions = tuple(actions)
        self._glob_matches = glob_matches
        self._known: dict[tuple[str, str], tuple[SelectedAction, ...]] = {}

    def for_item(self, gr: str, namespace: str) -> tuple[SelectedAction, ...]:
        """Returns the actions for a group-resource and *target* namespace, in order.

        Their labels are still to be asked: ``is_for``. An empty namespace means cluster scope.
        """
        found = self._known.get((gr, namespace))
        if found is None:
            found = tuple(item for item in self.actions if self._applies(item, gr, namespace))
            self._known[gr, namespace] = found
        return found

    def _applies(self, item: SelectedAction, gr: str, namespace: str) -> bool:
        selector = item.selector
        if not self._includes(selector.included_resources, selector.excluded_resources, gr):
            return False
        includes, excludes = selector.included_namespaces, selector.excluded_namespaces
        if namespace:
            return self._includes(includes, excludes, namespace)
        return not excludes and (not includes or includes == ("*",))

    def _includes(self, includes: Collection[str], excludes: Collection[str], text: str) -> bool:
        if self._hits(excludes, text):
            return False
        return not includes or "*" in includes or self._hits(includes, text)

    def _hits(self, patterns: Collection[str], text: str) -> bool:
        """Whether any pattern matches; behind one that does not compile none is tried."""
        for pattern in sorted(patterns):
            hit = self._glob_matches(pattern, text)
            if hit is not False:
                return hit is True
        return False


def select_actions(
    actions: Iterable[ItemAction],
    resources: ApiResources,
    *,
    features: frozenset[str] = frozenset(),
    glob_matches: GlobMatcher = equal_texts,
) -> ActionSelection:
    """Asks every action what it is for and resolves that through discovery.

    Raises ActionError: in Velero it ends the restore before the first item.
    """
    selected = [_resolved(action, resources, features) for action in actions]
    return ActionSelection(selected, glob_matches)


def _resolved(
    action: ItemAction, resources: ApiResources, features: frozenset[str]
) -> SelectedAction:
    asked = action.applies_to()
    try:
        labels = parse_label_selector(asked.label_selector)
    except LabelSelectorError as error:
        raise ActionError(str(error)) from error
    selector = ResourceSelector(
        included_namespaces=asked.included_namespaces,
        excluded_namespaces=asked.excluded_namespaces,
        included_resources=_resolve(asked.included_resources, resources),
        excluded_resources=_resolve(
            tuple(name for name in asked.excluded_resources if name != "*"), resources
        ),
        label_selector=asked.label_selector,
    )
    enabled = FEATURE_CSI in features or _CSI_MARK not in action.name
    return SelectedAction(action, selector, labels, enabled, ",".join(sorted(features)))


def _resolve(names: tuple[str, ...], resources: ApiResources) -> tuple[str, ...]:
    return tuple(name if name == "*" else resources.resolve_group_resource(name) for name in names)
