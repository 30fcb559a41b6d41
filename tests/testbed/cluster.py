"""A real Kubernetes control plane on loopback: etcd, kube-apiserver and kube-controller-manager.

There is no scheduler and no kubelet: pods stay Pending, everything the API server and the
controllers do is the real thing.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from . import build
from .pki import Certificate, CertificateAuthority, write_private_key
from .processes import Server, ServerError, Supervisor, accepts, free_ports

KUBECONFIG_VARIABLE = "VELERO_CORE_TEST_KUBECONFIG"
_ATTEMPTS = 3
_SYSTEM_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")


@dataclass(frozen=True)
class ClusterOptions:
    controllers: tuple[str, ...] = ("*",)
    admission_plugins_off: tuple[str, ...] = ("ServiceAccount",)
    service_range: str = "10.96.0.0/16"
    # Where the narrow user may get and list config maps; None: no such namespace and no rights.
    narrow_namespace: str | None = "narrow"
    audit_log: Path | None = None
    apiserver_flags: tuple[str, ...] = ()


# Seconds.
_KEPT_IDLE = 20

PROFILES = {
    "default": ClusterOptions(),
    # What the golden restores were recorded on: only these controllers, so that what is in the
    # cluster afterwards comes from the restore.
    "golden": ClusterOptions(
        controllers=("namespace-controller", "persistentvolume-binder-controller"),
        narrow_namespace=None,
    ),
}


@dataclass(frozen=True)
class User:
    """Who a kubeconfig speaks as: a bearer token or a client certificate."""

    name: str
    token: str | None = None
    certificate: Certificate | None = None


@dataclass(frozen=True)
class Response:
    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Cluster:
    """A running cluster; a context manager. Users: `admin` (token), `certificate`, `narrow`
    (token).
    """

    url: str
    ca_file: Path
    directory: Path
    users: dict[str, User]
    ca: CertificateAuthority | None = None
    supervisor: Supervisor | None = None
    options: ClusterOptions = field(default_factory=ClusterOptions)
    _connections: threading.local = field(default_factory=threading.local)

    @property
    def token(self) -> str:
        """The admin's bearer token."""
        token = self.users["admin"].token
        if token is None:
            raise LookupError("the admin of this cluster has no token")
        return token

    @property
    def servers(self) -> dict[str, Server]:
        return self.supervisor.servers if self.supervisor else {}

    def kubeconfig(self, user: str = "admin", server: str | None = None) -> Path:
        """A kubeconfig file with everything embedded; `server` names another URL, such as a
        proxy's.
        """
        chosen = self.users[user]
        identity: dict[str, str] = {}
        if chosen.token:
            identity["token"] = chosen.token
        if chosen.certificate:
            identity["client-certificate-data"] = _encoded(chosen.certificate.cert_file)
            identity["client-key-data"] = _encoded(chosen.certificate.key_file)
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "testbed",
                    "cluster": {
                        "server": server or self.url,
                        "certificate-authority-data": _encoded(self.ca_file),
                    },
                }
            ],
            "users": [{"name": chosen.name, "user": identity}],
            "contexts": [
                {"name": "testbed", "context": {"cluster": "testbed", "user": chosen.name}}
            ],
            "current-context": "testbed",
        }
        suffix = f"-{urlsplit(server).port}" if server else ""
        path = self.directory / f"kubeconfig-{user}{suffix}"
        path.touch(mode=0o600)
        path.write_text(json.dumps(document))  # JSON is YAML, and quicker to write
        return path

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str = "admin",
        content_type: str = "application/json",
    ) -> Response:
        """One API request, for preparing and looking at the cluster without the code under test."""
        chosen = self.users[user]
        headers = {"Accept": "application/json"}
        if chosen.token:
            headers["Authorization"] = f"Bearer {chosen.token}"
        data = None
        if body is not None:
            data = json.dumps(body)
            headers["Content-Type"] = content_type
        connection = self._connection(chosen)
        try:
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        if response.headers.get_content_type() == "application/json":
            return Response(response.status, json.loads(text))
        return Response(response.status, text.decode())

    def stop(self) -> None:
        if self.supervisor:
            self.supervisor.stop()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _connection(self, user: User) -> http.client.HTTPSConnection:
        kept: dict[str, tuple[http.client.HTTPSConnection, float]] = self._connections.__dict__
        now = time.monotonic()
        connection, used = kept.get(user.name, (None, 0.0))
        # A server ends connections that were idle for long.
        if connection is None or now - used > _KEPT_IDLE:
            if connection is not None:
                connection.close()
            connection = self._new_connection(user)
        kept[user.name] = (connection, now)
        return connection

    def _new_connection(self, user: User) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        if user.certificate:
            context.load_cert_chain(user.certificate.cert_file, user.certificate.key_file)
        parts = urlsplit(self.url)
        host = parts.hostname or "127.0.0.1"
        return http.client.HTTPSConnection(host, parts.port or 443, context=context, timeout=60)


def start_cluster(options: ClusterOptions | None = None, profile: str = "default") -> Cluster:
    """A cluster to use and throw away.

    The one VELERO_CORE_TEST_KUBECONFIG names, if it is set: nothing is started then, and the
    options do not apply. Else a fresh one, from KUBEBUILDER_ASSETS or from binaries built once
    per machine.
    """
    existing = os.environ.get(KUBECONFIG_VARIABLE)
    if existing:
        return _existing_cluster(Path(existing))
    chosen = options or PROFILES[profile]
    assets = build.kubernetes_binaries()
    for attempt in range(1, _ATTEMPTS + 1):
        supervisor = Supervisor()
        try:
            return _start(chosen, assets, supervisor)
        except ServerError:
            # Somebody may have taken one of the ports between our look and the servers' start.
            supervisor.stop()
            if attempt == _ATTEMPTS:
                raise
        except BaseException:
            supervisor.stop()
            raise
    raise AssertionError("unreachable")


def _start(options: ClusterOptions, assets: Path, supervisor: Supervisor) -> Cluster:
    directory = supervisor.directory
    etcd_port, peer_port, api_port = free_ports(3)
    etcd = supervisor.start("etcd", _etcd_command(assets, directory, etcd_port, peer_port))
    # While etcd starts:
    ca = CertificateAuthority(directory / "pki")
    serving = ca.server_certificate("kube-apiserver")
    service_account_key = directory / "pki" / "service-accounts.key"
    write_private_key(service_account_key, ec.generate_private_key(ec.SECP256R1()))
    users = {
        "admin": User("admin", token=secrets.token_hex(16)),
        "certificate": User(
            "certificate", certificate=ca.client_certificate("certificate", "system:masters")
        ),
        "narrow": User("narrow", token=secrets.token_hex(16)),
    }
    tokens = directory / "pki" / "tokens.csv"
    tokens.touch(mode=0o600)
    tokens.write_text(
        f'{users["admin"].token},admin,admin,"system:masters"\n'
        f'{users["narrow"].token},narrow,narrow,"narrow"\n'
    )
    cluster = Cluster(
        url=f"https://127.0.0.1:{api_port}",
        ca_file=ca.ca_file,
        directory=directory,
        users=users,
        ca=ca,
        supervisor=supervisor,
        options=options,
    )
    supervisor.wait_for(etcd, lambda: accepts(etcd_port), "open port")
    apiserver = supervisor.start(
        "kube-apiserver",
        [
            str(assets / "kube-apiserver"),
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            # The address of the default/kubernetes service must not be a loopback one: do without.
            "--endpoint-reconciler-type=none",
            f"--secure-port={api_port}",
            f"--tls-cert-file={serving.cert_file}",
            f"--tls-private-key-file={serving.key_file}",
            f"--client-ca-file={ca.ca_file}",
            f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={service_account_key}",
            f"--service-account-signing-key-file={service_account_key}",
            f"--service-cluster-ip-range={options.service_range}",
            "--allow-privileged=true",
            *_admission_flags(options),
            *_audit_flags(options, directory),
            *options.apiserver_flags,
        ],
    )
    supervisor.wait_for(apiserver, lambda: accepts(api_port), "open port")
    supervisor.start(
        "kube-controller-manager",
        [
            str(assets / "kube-controller-manager"),
            f"--kubeconfig={cluster.kubeconfig('admin')}",
            f"--controllers={','.join(options.controllers)}",
            *_token_flags(options, service_account_key, ca),
            "--leader-elect=false",
            "--secure-port=0",
        ],
    )
    supervisor.wait_for(apiserver, lambda: _ready(cluster), "ready API server")
    if options.narrow_namespace:
        _grant_narrow_rights(cluster, options.narrow_namespace)
    return cluster


def _token_flags(options: ClusterOptions, key: Path, ca: CertificateAuthority) -> list[str]:
    """With a key the controller of token secrets runs, whatever --controllers says."""
    if "*" not in options.controllers:
        return []
    return [f"--service-account-private-key-file={key}", f"--root-ca-file={ca.ca_file}"]


def _etcd_command(assets: Path, directory: Path, port: int, peer_port: int) -> list[str]:
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
    return [
        str(assets / "etcd"),
        f"--data-dir={directory / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--log-level=warn",
        # Nothing here has to survive a power cut.
        "--unsafe-no-fsync",
    ]


def _admission_flags(options: ClusterOptions) -> list[str]:
    if not options.admission_plugins_off:
        return []
    return [f"--disable-admission-plugins={','.join(options.admission_plugins_off)}"]


def _audit_flags(options: ClusterOptions, directory: Path) -> list[str]:
    if options.audit_log is None:
        return []
    policy = directory / "audit-policy.json"
    policy.write_text(
        json.dumps(
            {
                "apiVersion": "audit.k8s.io/v1",
                "kind": "Policy",
                "omitStages": ["RequestReceived"],
                "rules": [{"level": "Metadata"}],
            }
        )
    )
    return [
        f"--audit-policy-file={policy}",
        f"--audit-log-path={options.audit_log}",
        # Written before the answer is sent, so that a test can read it at once.
        "--audit-log-mode=blocking-strict",
    ]


def _ready(cluster: Cluster) -> bool:
    """Ready, with the namespaces and RBAC objects that a new cluster brings (/readyz waits for
    those).
    """
    try:
        if cluster.request("GET", "/readyz").status != 200:
            return False
        listed = cluster.request("GET", "/api/v1/namespaces")
        service = cluster.request("GET", "/api/v1/namespaces/default/services/kubernetes")
    except (OSError, http.client.HTTPException):
        return False
    if not (listed.ok and service.ok):
        return False
    names = {item["metadata"]["name"] for item in listed.body["items"]}
    return names.issuperset(_SYSTEM_NAMESPACES)


def _grant_narrow_rights(cluster: Cluster, namespace: str) -> None:
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    role_name = "narrow"
    objects: list[tuple[str, dict[str, Any]]] = [
        ("/api/v1/namespaces", {"metadata": {"name": namespace}}),
        (
            f"{rbac}/roles",
            {
                "metadata": {"name": role_name},
                "rules": [
                    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
                ],
            },
        ),
        (
            f"{rbac}/rolebindings",
            {
                "metadata": {"name": role_name},
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "Role",
                    "name": role_name,
                },
                "subjects": [
                    {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "narrow"}
                ],
            },
        ),
    ]
    for path, body in objects:
        response = cluster.request("POST", path, body)
        if not response.ok:
            raise ServerError(f"POST {path}: {response.body}")
    # The authorizer reads from a watch and knows the binding a moment later.
    deadline = time.monotonic() + 10
    while not cluster.request(
        "GET", f"/api/v1/namespaces/{namespace}/configmaps", user="narrow"
    ).ok:
        if time.monotonic() > deadline:
            raise ServerError("the narrow user got no rights within 10 s")
        time.sleep(0.02)


def _existing_cluster(kubeconfig: Path) -> Cluster:
    """A disposable cluster somebody else runs: admin is the kubeconfig's current user."""
    document = yaml.safe_load(kubeconfig.read_text())
    context = _named(document["contexts"], document["current-context"])["context"]
    server = _named(document["clusters"], context["cluster"])["cluster"]
    identity = _named(document["users"], context["user"])["user"]
    supervisor = Supervisor()  # only for the directory and its removal
    directory = supervisor.directory

    def stored(data: dict[str, str], key: str) -> Path | None:
        if data.get(f"{key}-data"):
            path = directory / key
            path.touch(mode=0o600)
            path.write_bytes(base64.b64decode(data[f"{key}-data"]))
            return path
        return kubeconfig.parent / data[key] if data.get(key) else None

    ca_file = stored(server, "certificate-authority")
    cert_file, key_file = stored(identity, "client-certificate"), stored(identity, "client-key")
    certificate = Certificate(cert_file, key_file) if cert_file and key_file else None
    if ca_file is None or not (identity.get("token") or certificate):
        supervisor.stop()
        raise ServerError(f"{KUBECONFIG_VARIABLE} needs a CA and a token or a client certificate")
    users = {"admin": User("admin", token=identity.get("token"), certificate=certificate)}
    return Cluster(server["server"], ca_file, directory, users, supervisor=supervisor)


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
