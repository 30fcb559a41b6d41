# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Namespace wildcards against the namespaces of a backup (pkg/util/wildcard/expand.go).

Source: reference restore-engine.md section 2.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches


class WildcardError(ValueError):
    """A pattern is not allowed; the text is Velero's."""


def should_expand(includes: Sequence[str], excludes: Sequence[str]) -> bool:
    """Returns whether the lists hold wildcards that have to be expanded."""
    if not includes or "*" in includes:
        return False
    return any(_is_wildcard(text) for text in (*includes, *excludes))


def expand(
    candidates: Iterable[str], includes: Sequence[str], excludes: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Returns both lists with wildcards replaced by the matching candidates, sorted.

    Raises WildcardError for a pattern that Velero refuses; a bare ``*`` among the excludes is
    refused by the caller, whose message has no prefix.
    """
    names = sorted(candidates)
    return _expand_list(names, includes), _expand_list(names, excludes)


def _expand_list(candidates: Sequence[str], patterns: Sequence[str]) -> list[str]:
    found: set[str] = set()
    for pattern in patterns:
        _validate(pattern)
        if _is_wildcard(pattern):
            found.update(name for name in candidates if glob_matches(pattern, name))
        else:
            found.add(pattern)
    return sorted(found)


def _is_wildcard(text: str) -> bool:
    return any(char in text for char in "*?[")


def _validate(pattern: str) -> None:
    if any(char in pattern for char in "|()!{},"):
        raise WildcardError("wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,")
    if "**" in pattern:
        raise WildcardError(
            "wildcard pattern contains consecutive asterisks (only single * allowed)"
        )
    _validate_brackets(pattern)


def _validate_brackets(pattern: str) -> None:
    opened = -1
    for at, char in enumerate(pattern):
        if char == "[":
            if opened >= 0:
                continue
            opened = at
        elif char == "]":
            if opened < 0:
                raise WildcardError("wildcard pattern contains unmatched closing bracket ']'")
            if at == opened + 1:
                raise WildcardError("wildcard pattern contains empty bracket pattern '[]'")
            opened = -1
    if opened >= 0:
        raise WildcardError("wildcard pattern contains unclosed bracket '['")
