"""Options, clusters and the summary of the conformance tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.golden_report import PROPERTY, Line, markdown, summary
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
    group.addoption("--conformance-report", metavar="FILE", help="write the verdicts as Markdown")


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
def report_line(record_property: Callable[[str, object], None]) -> Callable[[Line], None]:
    """Tells the summary about a case."""
    return lambda line: record_property(PROPERTY, line.to_dict())


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
    lines.sort(key=lambda line: (line.suite, line.case))
    terminalreporter.section("conformance")
    for text in summary(lines):
        terminalreporter.line(text)
    target = config.getoption("--conformance-report", None)
    if target:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).write_text(markdown(lines))
        terminalreporter.line(f"written to {target}")
