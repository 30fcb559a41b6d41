"""Fixtures for tests that need a cluster, an S3 server or a network that misbehaves.

What they start is described in testbed/README.md. Nothing is started, built or imported for tests
that ask for none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.proxy import Proxy
    from tests.testbed.cluster import Cluster
    from tests.testbed.nodes import Nodes
    from tests.testbed.s3 import S3Server


@pytest.fixture
def cluster_factory() -> Iterator[Callable[..., Cluster]]:
    """Starts fresh clusters: `cluster_factory(profile="golden")` or
    `cluster_factory(controllers=(...))`.
    """
    from dataclasses import replace

    from tests.testbed.cluster import PROFILES, start_cluster

    with ExitStack() as running:

        def start(profile: str = "default", **options: Any) -> Cluster:
            return running.enter_context(start_cluster(replace(PROFILES[profile], **options)))

        yield start


@pytest.fixture
def cluster(cluster_factory: Callable[..., Cluster]) -> Cluster:
    """A fresh cluster of this test's own."""
    return cluster_factory()


@pytest.fixture(scope="session")
def shared_cluster() -> Iterator[Cluster]:
    """One cluster for all tests of a worker: use a namespace of your own, leave the rest alone."""
    from tests.testbed.cluster import start_cluster

    with start_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def nodes() -> Iterator[Nodes]:
    """A cluster whose pods run, `nodes.cluster`, for all tests of a worker: use a namespace of
    your own.
    """
    from tests.testbed.cluster import start_cluster
    from tests.testbed.nodes import start_nodes

    with start_cluster() as running, start_nodes(running) as started:
        yield started


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """One S3 server for all tests of a worker: `s3.new_bucket()` gives a bucket of your own."""
    from tests.testbed.s3 import start_s3

    with start_s3() as running:
        yield running


@pytest.fixture
def proxy_factory() -> Iterator[Callable[..., Proxy]]:
    """Starts proxies in front of a cluster or an S3 server: `proxy_factory(cluster)`."""
    from tests.support.proxy import Proxy, Tls

    with ExitStack() as running:

        def start(backend: Cluster | S3Server, **options: Any) -> Proxy:
            if backend.ca is not None and not options.get("passthrough"):
                certificate = backend.ca.server_certificate("proxy")
                files = (certificate.cert_file, certificate.key_file)
                options.setdefault("tls", Tls(*files, backend_ca=backend.ca.ca_file))
            return running.enter_context(Proxy(backend.url, **options))

        yield start
