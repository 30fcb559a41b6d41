# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From connection options to a connection: which configuration counts and what overrides it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible_collections.velero.core.plugins.module_utils.cluster.connection import (
    Connection,
    ServerUrl,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import (
    Credential,
    CredentialSource,
    FixedCredentials,
    bearer,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.kubeconfig import (
    load_inline,
    load_paths,
    read_file,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.cluster.proxy import (
    Proxy,
    basic,
    bypasses,
    environment_proxy,
    parse_proxy,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.sources import (
    SERVICE_ACCOUNT_FOLDER,
    Settings,
    certificate_from,
    from_kubeconfig,
    in_cluster,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.tls import (
    TlsSettings,
    build_context,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError

_DEFAULT_KUBECONFIG = os.path.join("~", ".kube", "config")


def connect(
    options: ConnectionOptions,
    environ: Mapping[str, str] | None = None,
    service_account_folder: str = SERVICE_ACCOUNT_FOLDER,
) -> Connection:
    """Returns how to reach the cluster that ``options`` mean. Nothing is sent.

    In this order: a host given without kubeconfig and context stands alone; the kubeconfig that
    is given; the files of KUBECONFIG; the pod's service account; ``~/.kube/config``. Options
    override what is found there. Raises ClusterConfigError.
    """
    environ = os.environ if environ is None else environ
    settings = _source(options, environ, service_account_folder)
    _override(settings, options)
    server = ServerUrl.parse(settings.server)
    tls = TlsSettings(settings.verify, settings.ca, settings.server_name)
    if server.scheme == "https":
        # Reports bad certificates before anything is done.
        build_context(tls, settings.certificate)
    return Connection(
        server=server,
        credentials=_credentials(settings, options),
        tls=tls,
        proxy=_proxy(settings, options, server, environ),
        headers=_checked(settings.headers),
        origin=settings.origin,
    )


def _source(options: ConnectionOptions, environ: Mapping[str, str], folder: str) -> Settings:
    given = options.kubeconfig
    if options.host and not given and not options.context:
        # Credentials of a default kubeconfig belong to another server.
        return Settings(origin="the connection options", server=options.host)
    if isinstance(given, dict) or (given and _is_text(given)):
        return from_kubeconfig(load_inline(given), options.context, False)
    if given:
        paths = [os.path.expanduser(path) for path in given.split(os.pathsep) if path]
        return from_kubeconfig(load_paths(paths), options.context, options.persist_config)
    return _default(options, environ, folder)


def _is_text(kubeconfig: str) -> bool:
    text = kubeconfig.strip()
    return "\n" in text or text.startswith("{")


def _default(options: ConnectionOptions, environ: Mapping[str, str], folder: str) -> Settings:
    listed = [path for path in environ.get("KUBECONFIG", "").split(os.pathsep) if path]
    if not listed and not options.context:
        pod = in_cluster(environ, folder)
        if pod:
            return pod
    home = environ.get("HOME")
    default = (
        os.path.join(home, ".kube", "config") if home else os.path.expanduser(_DEFAULT_KUBECONFIG)
    )
    paths = listed or [default]
    if not any(os.path.exists(path) for path in paths):
        raise ClusterConfigError(
            "finding",
            "the cluster",
            f"there is no kubeconfig at {os.pathsep.join(paths)} and this is not a pod",
            "Give kubeconfig, or host with api_key",
        )
    config = load_paths(paths, skip_missing=True)
    return from_kubeconfig(config, options.context, options.persist_config)


def _override(settings: Settings, options: ConnectionOptions) -> None:
    settings.server = options.host or settings.server
    settings.server_name = options.tls_server_name or settings.server_name
    settings.proxy = options.proxy or settings.proxy
    if options.validate_certs is not None:
        settings.verify = options.validate_certs
    if options.ca_cert:
        settings.ca = read_file(os.path.expanduser(options.ca_cert), "CA certificate")
        if not settings.ca.strip():
            raise ClusterConfigError("reading", f"CA certificate {options.ca_cert}", "it is empty")
    if options.client_cert or options.client_key:
        pem = _optional_file(options.client_cert, "client certificate")
        key = _optional_file(options.client_key, "client key")
        settings.certificate = certificate_from(pem, key, "client_cert and client_key")
    if options.impersonate_user or options.impersonate_groups:
        settings.headers = _impersonation(options)


def _impersonation(options: ConnectionOptions) -> list[tuple[str, str]]:
    if not options.impersonate_user:
        raise ClusterConfigError(
            "reading", "impersonate_groups", "groups need a user", "Give impersonate_user too"
        )
    headers = [("Impersonate-User", options.impersonate_user)]
    return headers + [("Impersonate-Group", group) for group in options.impersonate_groups]


def _credentials(settings: Settings, options: ConnectionOptions) -> CredentialSource:
    if options.api_key:
        authorization = bearer(options.api_key)
    elif options.username and options.password:
        authorization = basic(f"{options.username}:{options.password}")
    elif options.client_cert:
        authorization = ""
    else:
        return settings.credentials(settings.certificate)
    return FixedCredentials(Credential(authorization, settings.certificate))


def _proxy(
    settings: Settings, options: ConnectionOptions, server: ServerUrl, environ: Mapping[str, str]
) -> Proxy | None:
    url = settings.proxy or environment_proxy(server.scheme, server.host, environ)
    no_proxy = options.no_proxy or environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if not url or bypasses(server.host, server.port, no_proxy):
        return None
    return parse_proxy(url, options.proxy_headers)


def _checked(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    for name, value in headers:
        if not (name + value).isascii() or not (name + value).isprintable():
            raise ClusterConfigError(
                "reading", name, "it holds characters that cannot be sent in a header"
            )
    return tuple(headers)


def _optional_file(path: str, what: str) -> bytes:
    return read_file(os.path.expanduser(path), what) if path else b""
