"""Run the conformance cases in both modes and write what is equal, differs by rule, and is open.

python -m tests.conformance.report [--compat strict|safe] [options of pytest]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.golden_report import Line, markdown, summary

_HERE = Path(__file__).resolve().parent
_OUTPUT = _HERE.parent / "output"
_MODES = ("strict", "safe")


def main(arguments: list[str]) -> int:
    """Returns 0 when no case is open and no test has failed."""
    modes = _MODES
    if "--compat" in arguments:
        at = arguments.index("--compat")
        modes = (arguments[at + 1],)
        del arguments[at : at + 2]
    _OUTPUT.mkdir(parents=True, exist_ok=True)
    lines: list[Line] = []
    failed = False
    for mode in modes:
        failed |= _run(mode, arguments) != 0
        lines += [Line(**one) for one in json.loads(_verdicts(mode).read_text())]
    target = _OUTPUT / "conformance.md"
    target.write_text(markdown(lines))
    print("\n".join([*summary(lines), f"written to {target}"]))
    return 1 if failed or any(line.is_open for line in lines) else 0


def _run(mode: str, arguments: list[str]) -> int:
    """Runs the tests in a process of their own."""
    _verdicts(mode).write_text("[]")
    chosen = [one for one in arguments if Path(one.partition("::")[0]).exists()]
    command = [sys.executable, "-m", "pytest", *([] if chosen else [str(_HERE)]), *arguments]
    options = ["-q", "--no-header", "--tb=no", "-r", "f", "--observed", "--compat", mode]
    return subprocess.call([*command, *options, f"--conformance-verdicts={_verdicts(mode)}"])


def _verdicts(mode: str) -> Path:
    return _OUTPUT / f"conformance-{mode}.json"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
