# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what modules of this collection support."""

from __future__ import annotations


class ModuleDocFragment:
    """Read by ansible-doc."""

    # The modules add their support level to these.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: In check mode nothing is written, and the return values tell what would be.
  diff_mode:
    description: In diff mode the differences are returned and shown.
  idempotent:
    description: Run again with the same options, it changes nothing and returns C(changed=false).
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Its defaults can be set once with C(module_defaults) for the group.
    support: full
    membership:
      - velero.core.velero
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: In check mode nothing is written, and the return values tell what would be.
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    description: In diff mode the differences are returned and shown.
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    description: Run again with the same options, it changes nothing and returns C(changed=false).
    support: full
    details:
      - This module changes nothing.
"""
