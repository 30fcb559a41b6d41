"""Clusters for the recorded restores, and what was already restored in this session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.support.golden_cluster import (
    Prepared,
    PreparedClusters,
    forget_restores,
    start_prepared,
)
from tests.support.golden_data import GoldenCase
from tests.support.golden_expected import Expectation, expectations
from tests.support.golden_run import CaseOutcome, run_case

RunCase = Callable[[GoldenCase, int], CaseOutcome]


@pytest.fixture(scope="session")
def expected() -> dict[str, Expectation]:
    return expectations()


@pytest.fixture(scope="session")
def clusters(request: pytest.FixtureRequest, own_clusters: None) -> Iterator[PreparedClusters]:
    wanted = sum("run" in getattr(item, "fixturenames", ()) for item in request.session.items)
    pool = PreparedClusters(wanted)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def untouched_cluster(own_clusters: None) -> Iterator[Prepared]:
    """One cluster for all cases that may not change anything."""
    prepared = start_prepared()
    with prepared.cluster:
        yield prepared


@pytest.fixture(scope="session")
def run(
    request: pytest.FixtureRequest,
    clusters: PreparedClusters,
    expected: dict[str, Expectation],
    compatibility: str,
) -> RunCase:
    """Restores a case, once per session and concurrency."""
    done: dict[tuple[str, int], CaseOutcome] = {}

    def run(case: GoldenCase, concurrency: int) -> CaseOutcome:
        key = (case.name, concurrency)
        if key not in done:
            restore = partial(
                run_case,
                case,
                compatibility=compatibility,
                concurrency=concurrency,
                count_messages=expected[case.name].count_messages,
            )
            if case.refused and not case.data["pre_objects"]:
                prepared = request.getfixturevalue("untouched_cluster")
                forget_restores(prepared.cluster)
                done[key] = restore(prepared)
            else:
                with clusters.take() as prepared:
                    done[key] = restore(prepared)
        return done[key]

    return run
