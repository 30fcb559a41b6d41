# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of resource modifiers, in Velero's words."""

from __future__ import annotations


class ModifiersError(ValueError):
    """A document that is not one of resource modifiers."""


class RuleError(ValueError):
    """A rule that cannot be applied to an object; texts show no values."""
