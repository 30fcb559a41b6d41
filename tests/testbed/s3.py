"""An S3 server on loopback (versitygw over a temporary folder) for the tests of the backup
storage.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import build
from .pki import CertificateAuthority
from .processes import Server, ServerError, Supervisor, accepts, free_ports

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ATTEMPTS = 3


@dataclass(frozen=True)
class S3Server:
    """A running server; a context manager."""

    url: str
    access_key: str
    secret_key: str
    region: str
    bucket: str
    directory: Path
    supervisor: Supervisor
    # With TLS only.
    ca: CertificateAuthority | None = None

    @property
    def ca_file(self) -> Path | None:
        return self.ca.ca_file if self.ca else None

    @property
    def servers(self) -> dict[str, Server]:
        return self.supervisor.servers

    @property
    def credentials_file(self) -> Path:
        """A file as Velero keeps it in its secret: the AWS shared credentials format."""
        path = self.directory / "credentials"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(
                "[default]\n"
                f"aws_access_key_id={self.access_key}\n"
                f"aws_secret_access_key={self.secret_key}\n"
            )
        return path

    def environment(self) -> dict[str, str]:
        """The variables with which AWS clients find this server."""
        variables = {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL_S3": self.url,
        }
        if self.ca_file:
            variables["AWS_CA_BUNDLE"] = str(self.ca_file)
        return variables

    def client(self, url: str | None = None) -> S3Client:
        """A boto3 client; `url` names another endpoint, such as a proxy's."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=url or self.url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
            verify=str(self.ca_file) if self.ca_file else None,
            config=Config(s3={"addressing_style": "path"}),
        )

    def new_bucket(self) -> str:
        """An empty bucket of its own for one test."""
        name = f"test-{secrets.token_hex(6)}"
        self.client().create_bucket(Bucket=name)
        return name

    def upload(self, folder: Path, prefix: str = "", bucket: str | None = None) -> list[str]:
        """Upload what is in the folder; returns the keys. `prefix` is put before each name as
        it is.
        """
        client = self.client()
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        keys = [prefix + path.relative_to(folder).as_posix() for path in files]
        for path, key in zip(files, keys, strict=True):
            client.put_object(Bucket=bucket or self.bucket, Key=key, Body=path.read_bytes())
        return keys

    def stop(self) -> None:
        self.supervisor.stop()

    def __enter__(self) -> S3Server:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def start_s3(*, tls: bool = False, bucket: str = "velero") -> S3Server:
    command = str(build.versitygw_binaries() / "versitygw")
    for attempt in range(1, _ATTEMPTS + 1):
        supervisor = Supervisor()
        try:
            server = _start(command, supervisor, tls=tls, bucket=bucket)
            server.client().create_bucket(Bucket=bucket)
            return server
        except ServerError:
            # Somebody may have taken the port between our look and the server's start.
            supervisor.stop()
            if attempt == _ATTEMPTS:
                raise
        except BaseException:
            supervisor.stop()
            raise
    raise AssertionError("unreachable")


def _start(command: str, supervisor: Supervisor, *, tls: bool, bucket: str) -> S3Server:
    directory = supervisor.directory
    (port,) = free_ports(1)
    server = S3Server(
        url=f"{'https' if tls else 'http'}://127.0.0.1:{port}",
        access_key=secrets.token_hex(10).upper(),
        secret_key=secrets.token_hex(20),
        region="us-east-1",
        bucket=bucket,
        directory=directory,
        supervisor=supervisor,
        ca=CertificateAuthority(directory / "pki") if tls else None,
    )
    arguments = [command, "--port", f"127.0.0.1:{port}", "--region", server.region]
    arguments += ["--quiet", "--keep-alive"]
    if server.ca:
        certificate = server.ca.server_certificate("versitygw")
        arguments += ["--cert", str(certificate.cert_file), "--key", str(certificate.key_file)]
    for folder in ("objects", "metadata"):
        (directory / folder).mkdir()
    # Metadata beside the objects instead of in extended attributes, which not every file system
    # has.
    arguments += ["posix", "--sidecar", str(directory / "metadata"), str(directory / "objects")]
    process = supervisor.start(
        "versitygw",
        arguments,
        {"ROOT_ACCESS_KEY": server.access_key, "ROOT_SECRET_KEY": server.secret_key},
    )
    supervisor.wait_for(process, lambda: accepts(port), "open port")
    return server
