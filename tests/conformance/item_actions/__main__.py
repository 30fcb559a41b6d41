"""python -m tests.conformance.item_actions [-v]: passed and total per built-in action."""

from __future__ import annotations

import sys

from tests.conformance.item_actions.report import lines

if __name__ == "__main__":
    for line in lines(details="-v" in sys.argv[1:]):
        sys.stdout.write(f"{line}\n")
