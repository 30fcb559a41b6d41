# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what bounds a return value."""

from __future__ import annotations


class ModuleDocFragment:
    """Read by ansible-doc."""

    DOCUMENTATION = r"""
options:
  result_detail:
    description:
      - How much of a long list is returned. A list that is cut is named in RV(ignore:truncated)
        with the number of entries left out; everything is in the artifacts.
      - V(summary) returns counts, no items, and up to 20 warnings and 20 errors.
      - V(items) returns up to 1,000 items, and up to 200 warnings and 200 errors, each list at most
        80 kB.
      - V(full) returns up to 5,000 items, and up to 2,000 warnings and 2,000 errors, each list at
        most 110 kB.
      - Items that failed are kept first. A message is cut after 2,000 characters.
    type: str
    default: items
    choices: [summary, items, full]
"""
