# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API server as the engine sees it: implements model.ports.Cluster."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.cluster.codec import decode, encode
from ansible_collections.velero.core.plugins.module_utils.cluster.connection import Connection
from ansible_collections.velero.core.plugins.module_utils.cluster.discovery import discover
from ansible_collections.velero.core.plugins.module_utils.cluster.pager import pages
from ansible_collections.velero.core.plugins.module_utils.cluster.paths import (
    collection_path,
    object_path,
    with_query,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.pod_exec import PodExec
from ansible_collections.velero.core.plugins.module_utils.cluster.qps import TokenBucket
from ansible_collections.velero.core.plugins.module_utils.cluster.retry import RetryPolicy
from ansible_collections.velero.core.plugins.module_utils.cluster.sender import (
    Call,
    Sender,
    Stats,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.transport import (
    USER_AGENT,
    Transport,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.writer import Writer, target
from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import NotFoundError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import NAMESPACES
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)

MERGE_PATCH = "application/merge-patch+json"
PAGE_LIMIT = 500
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class ApiCluster:
    """One API server as one user; each calling thread keeps a connection of its own.

    ``qps`` bounds the requests per second of all threads together (0: no bound), ``burst`` how
    many may go at once; timeouts are in seconds. Without ``field_manager`` in a call the server
    names the manager after the part of ``user_agent`` before a slash.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        qps: float = 0,
        burst: int = 0,
        policy: RetryPolicy | None = None,
        clock: Clock | None = None,
        user_agent: str = USER_AGENT,
        connect_timeout: float = 10.0,
        read_timeout: float = 90.0,
        page_limit: int = PAGE_LIMIT,
    ) -> None:
        used_clock: Clock = clock or SystemClock()
        bucket = TokenBucket(qps, burst or max(1, int(qps)), used_clock) if qps > 0 else None
        self.connection = connection
        self._page_limit = page_limit
        self._transport = Transport(
            connection,
            user_agent=user_agent,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        self._sender = Sender(self._transport, used_clock, policy=policy, bucket=bucket)
        self._writer = Writer(self._sender)
        self._exec = PodExec(connection, user_agent)

    @property
    def stats(self) -> Stats:
        """Returns the counts of requests by verb, of retries and of bytes until now."""
        return self._sender.stats

    @property
    def server_time(self) -> float:
        """Returns the server's clock in seconds since the epoch (resolution: one second).

        Asks the server when it has not answered yet; without a Date header there it is 0.
        """
        if self._sender.server_time(0) is None:
            self.server_version()
        return self._sender.server_time(self._sender.monotonic()) or 0.0

    def close(self) -> None:
        """Closes all connections; a later call opens new ones."""
        self._transport.close()

    def discover(self) -> ApiResources:
        """Returns what the server serves now; groups that are down are reported in the result."""

        def fetch(path: str, accept: str) -> Manifest:
            call = Call("GET", path, accept=accept, doing="discovering", target=f"the API ({path})")
            return self._call(call)

        return discover(fetch)

    def get(self, resource: ApiResource, namespace: str, name: str) -> Manifest:
        """Returns one object."""
        path = object_path(resource, namespace, name)
        return self._call(
            Call("GET", path, doing="reading", target=target(resource, namespace, name))
        )

    def list(
        self, resource: ApiResource, namespace: str = "", label_selector: str = ""
    ) -> Iterator[Manifest]:
        """Yields the objects (with ``apiVersion`` and ``kind`` filled in), page by page."""
        path, goal = collection_path(resource, namespace), target(resource, namespace)

        def fetch(query: dict[str, str]) -> Manifest:
            return self._call(Call("GET", with_query(path, query), doing="listing", target=goal))

        identity = {"apiVersion": resource.api_version, "kind": resource.kind}
        for item in pages(fetch, {"labelSelector": label_selector}, self._page_limit):
            yield {**identity, **item}

    def create(
        self, resource: ApiResource, namespace: str, body: Manifest, *, field_manager: str = ""
    ) -> Manifest:
        """Creates ``body`` and returns what the server stored; see Writer.create."""
        return self._writer.create(resource, namespace, body, field_manager)

    def apply(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        body: Manifest,
        *,
        field_manager: str,
        force: bool = False,
        create_only: bool = False,
    ) -> tuple[Manifest, bool]:
        """Server-side apply. Returns the object and whether this request created it.

        With ``create_only`` an existing object is left alone and raises AlreadyExistsError.
        """
        if create_only:
            made = self._writer.apply_new(resource, namespace, name, body, field_manager)
            return made, True
        return self._writer.apply(resource, namespace, name, body, field_manager, force)

    def merge_patch(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        patch: Manifest,
        *,
        subresource: str = "",
    ) -> Manifest:
        """Sends an RFC 7386 merge patch and returns the object."""
        return self._call(
            Call(
                "PATCH",
                object_path(resource, namespace, name, subresource),
                encode(patch),
                MERGE_PATCH,
                doing="patching",
                target=target(resource, namespace, name),
            )
        )

    def preview(self, resource: ApiResource, namespace: str, name: str, body: Manifest) -> Manifest:
        """Returns what the server would store if ``body`` replaced the object; stores nothing.

        The request needs the right to update, and webhooks that can answer without side effects.
        """
        query = {"dryRun": "All", "fieldValidation": "Ignore"}
        path = with_query(object_path(resource, namespace, name), query)
        goal = target(resource, namespace, name)
        return self._call(Call("PUT", path, encode(body), doing="previewing", target=goal))

    def replace_status(
        self, resource: ApiResource, namespace: str, name: str, body: Manifest
    ) -> Manifest:
        """PUTs the status sub-resource and returns the object."""
        path = object_path(resource, namespace, name, "status")
        goal = target(resource, namespace, name)
        return self._call(
            Call("PUT", path, encode(body), doing="updating the status of", target=goal)
        )

    def delete(self, resource: ApiResource, namespace: str, name: str) -> None:
        """Deletes one object; an absent one is no error."""
        path = object_path(resource, namespace, name)
        goal = target(resource, namespace, name)
        try:
            self._sender.send(Call("DELETE", path, doing="deleting", target=goal))
        except NotFoundError:
            return

    def execute(self, command: ContainerCommand) -> CommandOutcome:
        """Runs a command in a container and returns how it ended, timeouts among that.

        Raises ApiError when the server refuses to run it, ConnectionFailedError and
        MissingLibraryError.
        """
        return self._exec.run(command)

    def access_review(
        self, verb: str, group: str, plural: str, namespace: str = ""
    ) -> tuple[bool, str]:
        """Returns whether the caller may do it, and the server's reason."""
        resource, _slash, subresource = plural.partition("/")
        attributes = {
            "verb": verb,
            "group": group,
            "resource": resource,
            "subresource": subresource,
            "namespace": namespace,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {k: v for k, v in attributes.items() if v}},
        }
        # A POST that stores nothing.
        answer = self._call(
            Call("POST", _REVIEWS, encode(review), doing="reviewing", target="access rights")
        )
        status = answer.get("status") or {}
        reason = status.get("reason") or status.get("evaluationError") or ""
        return bool(status.get("allowed")), str(reason)

    def server_version(self) -> str:
        """Returns the version of the API server, such as ``v1.36.3``."""
        version = self._call(Call("GET", "/version", doing="reading", target="the server version"))
        return str(version.get("gitVersion") or "")

    def cluster_uid(self) -> str:
        """Returns the UID of the namespace ``kube-system``, which identifies a cluster."""
        return str(self.get(NAMESPACES, "", "kube-system")["metadata"]["uid"])

    def _call(self, call: Call) -> Manifest:
        return decode(self._sender.send(call), call.doing, call.target)
