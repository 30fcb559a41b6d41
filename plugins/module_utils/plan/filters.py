# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Include / exclude lists (pkg/util/collections/includes_excludes.go, reference section 2.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class IncludesExcludes:
    """Two lists of globs; excludes win, an empty include list includes everything."""

    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    nothing: bool = False
    _memo: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, includes: Iterable[str] | None, excludes: Iterable[str] | None) -> IncludesExcludes:
        """Returns the filter of two lists, each as a sorted set."""
        return cls(tuple(sorted(set(includes or ()))), tuple(sorted(set(excludes or ()))))

    def should_include(self, text: str) -> bool:
        """Returns whether ``text`` passes; a pattern that does not compile lets nothing pass."""
        known = self._memo.get(text)
        if known is None:
            known = self._memo[text] = self._decide(text)
        return known

    def _decide(self, text: str) -> bool:
        if self.nothing:
            return False
        for pattern in self.excludes:
            if glob_matches(pattern, text) is not False:
                return False
        if not self.includes or EVERYTHING in self.includes:
            return True
        for pattern in self.includes:
            matched = glob_matches(pattern, text)
            if matched is None:
                return False
            if matched:
                return True
        return False

    @property
    def include_everything(self) -> bool:
        """Returns whether nothing can be left out."""
        return (
            not self.nothing
            and not self.excludes
            and (not self.includes or self.includes == (EVERYTHING,))
        )


def resource_filter(
    includes: Iterable[str] | None,
    excludes: Iterable[str] | None,
    resolve: Callable[[str], str],
) -> IncludesExcludes:
    """Returns the filter of two lists of resource names, resolved through discovery.

    Names that do not resolve are kept literally; ``*`` among the excludes is ignored
    (reference section 2.5).
    """
    return IncludesExcludes.of(
        [name if name == EVERYTHING else resolve(name) for name in includes or ()],
        [resolve(name) for name in excludes or () if name != EVERYTHING],
    )


def list_errors(includes: Iterable[str] | None, excludes: Iterable[str] | None) -> list[str]:
    """Returns what is wrong with a pair of raw lists, in Velero's words (reference section 1.5)."""
    include_set, exclude_set = set(includes or ()), set(excludes or ())
    errors: list[str] = []
    if len(include_set) > 1 and EVERYTHING in include_set:
        errors.append("includes list must either contain '*' only, or a non-empty list of items")
    if EVERYTHING in exclude_set:
        errors.append("excludes list cannot contain '*'")
    errors.extend(
        f"excludes list cannot contain an item in the includes list: {item}"
        for item in sorted(exclude_set & include_set)
    )
    return errors
