"""Options, clusters and the summary of the conformance tests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.golden_report import PROPERTY, Line, summary
from tests.testbed.cluster import KUBECONFIG_VARIABLE


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption(
        "--compat",
        choices=("strict", "safe"),
        default="strict",
        help="run the cases with compatibility strict (default) or safe",
    )
    group.addoption("--concurrency", type=int, default=16, help="workers of a restore (default 16)")
    group.addoption(
        "--matrix", action="store_true", help="compare concurrency 1, 4 and 32 over all cases"
    )
    group.addoption(
        "--observed",
        action="store_true",
        help="restore tables: also compare with all that Velero was seen to leave behind",
    )
    group.addoption("--conformance-verdicts", metavar="FILE", help="write the verdicts as JSON")


@pytest.fixture(scope="session")
def compatibility(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.getoption("--compat", "strict"))


@pytest.fixture(scope="session")
def concurrency(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--concurrency", 16))


@pytest.fixture(scope="session")
def observed(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--observed", False))


@pytest.fixture
def report_line(
    record_property: Callable[[str, object], None], compatibility: str
) -> Callable[[Line], None]:
    """Tells the summary about a case, with the mode unless the line has one."""

    def report(line: Line) -> None:
        record_property(PROPERTY, {"mode": compatibility, **_given(line)})

    return report


def _given(line: Line) -> dict[str, object]:
    return {name: value for name, value in line.to_dict().items() if name != "mode" or value}


@pytest.fixture(scope="session")
def own_clusters() -> Iterator[None]:
    """Skips where every test would share one existing cluster."""
    if os.environ.get(KUBECONFIG_VARIABLE):
        pytest.skip(f"recorded restores need fresh clusters, not the one of {KUBECONFIG_VARIABLE}")
    yield


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    lines = [
        Line(**value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY and isinstance(value, dict)
    ]
    if not lines:
        return
    terminalreporter.section("conformance")
    for text in summary(lines):
        terminalreporter.line(text)
    target = config.getoption("--conformance-verdicts", None)
    if target:
        Path(target).write_text(json.dumps([line.to_dict() for line in lines]))
