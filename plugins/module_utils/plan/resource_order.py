# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of the user that are added to the order of resources.

Every rule is an edge of a graph. The default order decides wherever no edge does: a resource is
moved only when it has to come before another one, to the place just before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.refinement import OrderRules
from ansible_collections.velero.core.plugins.module_utils.plan.definitions import CRD_GR
from ansible_collections.velero.core.plugins.module_utils.plan.resource_names import (
    ResourceNames,
    is_pattern,
)

# Nothing else can be restored without them, whatever the rules say.
ALWAYS_FIRST = (CRD_GR, "namespaces")

# What has to come before each resource.
Predecessors = Mapping[str, set[str]]


class ResourceOrder:
    """The rules of one restore; ``unknown`` are names that mean no resource and do nothing."""

    def __init__(self, rules: OrderRules, names: ResourceNames) -> None:
        self._names = names
        unknown: list[str] = []
        for name in (*rules.first, *rules.last, *chain.from_iterable(rules.before)):
            if not names.matching(name) and name not in unknown:
                unknown.append(name)
        self.unknown = tuple(unknown)
        literal = {
            gr
            for name in (*rules.first, *rules.last)
            if not is_pattern(name)
            for gr in names.matching(name)
        }
        self._first = self._groups(rules.first, literal)
        self._last = self._groups(rules.last, literal)
        self._pairs = [self._pair(first, then) for first, then in rules.before]

    def _groups(self, listed: Iterable[str], literal: set[str]) -> list[set[str]]:
        """Returns what each name stands for; a pattern leaves out what is named itself."""
        taken: set[str] = set()
        groups: list[set[str]] = []
        for name in listed:
            group = set(self._names.matching(name)) - taken
            if is_pattern(name):
                group -= literal
            taken |= group
            groups.append(group)
        return groups

    def _pair(self, first: str, then: str) -> tuple[set[str], set[str]]:
        left, right = set(self._names.matching(first)), set(self._names.matching(then))
        if is_pattern(first):
            return left - right, right
        if is_pattern(then):
            return left, right - left
        return left, right

    def arrange(self, default: Iterable[str]) -> list[str]:
        """Returns the group-resources of ``default``, each once, in an order that keeps all rules.

        Raises RequestError for rules that contradict each other or what always comes first.
        """
        wanted = dict.fromkeys(default)
        sides = [side for pair in self._pairs for side in pair]
        named = sorted(set().union(*self._first, *self._last, *sides))
        nodes = list(dict.fromkeys([*wanted, *ALWAYS_FIRST, *named]))
        before = self._predecessors(nodes)
        order = stable_order(nodes, before)
        if order is None:
            raise RequestError(
                "ordering",
                "resources",
                f"the rules contradict each other: {' → '.join(shortest_cycle(before))}",
                "Each stands before the next one. Take a rule out of order; "
                "CustomResourceDefinitions and namespaces always come first",
            )
        return [gr for gr in order if gr in wanted]

    def _predecessors(self, nodes: Sequence[str]) -> dict[str, set[str]]:
        first: set[str] = set().union(*self._first)
        last: set[str] = set().union(*self._last)
        ends = set(nodes) - last
        before: dict[str, set[str]] = {}
        for gr in nodes:
            before[gr] = set(_always_before(gr))
            if gr not in first and gr not in ALWAYS_FIRST:
                before[gr] |= first
            if gr in last:
                before[gr] |= ends | first
        for groups in (self._first, self._last):
            for at, group in enumerate(groups):
                for gr in group:
                    before[gr].update(*groups[:at])
        for firsts, thens in self._pairs:
            for gr in thens:
                before[gr] |= firsts
        return before


def _always_before(gr: str) -> Sequence[str]:
    return ALWAYS_FIRST[: ALWAYS_FIRST.index(gr)] if gr in ALWAYS_FIRST else ALWAYS_FIRST


def stable_order(nodes: Sequence[str], before: Predecessors) -> list[str] | None:
    """Returns ``nodes``, each as early as in ``nodes`` but after all that is before it.

    What has to come earlier is taken to the place just before the first that needs it. None when
    there is no such order.
    """
    rank = {gr: at for at, gr in enumerate(nodes)}
    done: dict[str, None] = {}
    for root in nodes:
        path = [root]
        while path:
            pending = [gr for gr in before[path[-1]] if gr not in done]
            if not pending:
                done.setdefault(path.pop())
                continue
            earliest = min(pending, key=rank.__getitem__)
            if earliest in path:
                return None
            path.append(earliest)
    return list(done)


def shortest_cycle(before: Predecessors) -> list[str]:
    """Returns the shortest cycle from a resource back to it, in the order of restoring.

    Empty when there is none.
    """
    cycles = (_way_back(gr, before) for gr in sorted(before))
    return min((cycle for cycle in cycles if cycle), key=len, default=[])


def _way_back(start: str, before: Predecessors) -> list[str]:
    follower: dict[str, str] = {}
    frontier = [start]
    while frontier:
        reached: list[str] = []
        for gr in frontier:
            for earlier in sorted(before[gr]):
                if earlier == start:
                    return _followed(start, gr, follower)
                if earlier not in follower:
                    follower[earlier] = gr
                    reached.append(earlier)
        frontier = reached
    return []


def _followed(start: str, at: str, follower: Mapping[str, str]) -> list[str]:
    cycle = [start, at]
    while at != start:
        at = follower[at]
        cycle.append(at)
    return cycle
