# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small EC2 endpoint: snapshots that it is told of, and the volumes made of them.

The new ids are counters, as at the endpoint of the recorded restores. Only what the snapshotter
asks is there: DescribeSnapshots, CreateVolume with its client token, DescribeVolumes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from ansible_collections.velero.core.plugins.module_utils.volumes.registry import (
    ProviderSnapshotters,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import (
    VolumeSnapshotter,
)

_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
_CREDENTIALS = b"[default]\naws_access_key_id = test\naws_secret_access_key = test\n"

Params = Mapping[str, str]


@dataclass
class FakeEc2:
    """`volumes` maps the id of a new volume to the request that made it."""

    snapshots: set[str]
    volumes: dict[str, Params] = field(default_factory=dict)
    url: str = ""
    _tokens: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, params: Params) -> tuple[int, str]:
        """HTTP code and body for a request."""
        action = params["Action"]
        with self._lock:
            if action == "DescribeSnapshots":
                return self._describe_snapshots(params)
            if action == "CreateVolume":
                return self._create_volume(params)
            if action == "DescribeVolumes":
                return self._describe_volumes(params)
        return _error("InvalidAction", f"{action} is not known here")

    def _describe_snapshots(self, params: Params) -> tuple[int, str]:
        wanted = params["SnapshotId.1"]
        if wanted not in self.snapshots:
            return _error("InvalidSnapshot.NotFound", f"The snapshot '{wanted}' does not exist.")
        item = _tags({"snapshotId": wanted, "status": "completed", "encrypted": "false"}, {})
        return _answer("DescribeSnapshots", f"<snapshotSet>{item}</snapshotSet>")

    def _create_volume(self, params: Params) -> tuple[int, str]:
        token = params["ClientToken"]
        made = self._tokens.get(token)
        if made is None:
            made = f"vol-{0x100 + len(self.volumes) + 1:017x}"
            self._tokens[token], self.volumes[made] = made, params
        elif self.volumes[made] != params:
            return _error("IdempotentParameterMismatch", "the arguments are not those of before")
        return _answer("CreateVolume", f"<volumeId>{made}</volumeId><status>creating</status>")

    def _describe_volumes(self, params: Params) -> tuple[int, str]:
        wanted = params.get("VolumeId.1")
        if wanted is not None and wanted not in self.volumes:
            return _error("InvalidVolume.NotFound", f"The volume '{wanted}' does not exist.")
        tag, value = params.get("Filter.1.Name", ""), params.get("Filter.1.Value.1", "")
        found = [
            _tags({"volumeId": name, "status": "available"}, _volume_tags(made))
            for name, made in self.volumes.items()
            if name == wanted or _volume_tags(made).get(tag.removeprefix("tag:")) == value != ""
        ]
        return _answer("DescribeVolumes", f"<volumeSet>{''.join(found)}</volumeSet>")


class Ec2Snapshotters:
    """Implements Snapshotters: the real ones, sent to the endpoint."""

    def __init__(self, endpoint: FakeEc2, clock: Clock) -> None:
        self._endpoint = endpoint
        self._providers = ProviderSnapshotters(clock, 60.0)

    def open(self, location: SnapshotLocation) -> VolumeSnapshotter:
        config = {**location.config, "ec2Url": self._endpoint.url}
        return self._providers.open(replace(location, config=config, credentials=_CREDENTIALS))


@contextmanager
def serve_ec2(snapshots: Iterable[str]) -> Iterator[FakeEc2]:
    """An endpoint on the loopback interface."""
    endpoint = FakeEc2(set(snapshots))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            code, body = endpoint.answer(dict(parse_qsl(text)))
            data = body.encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        endpoint.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()


def _volume_tags(made: Params) -> dict[str, str]:
    prefix = "TagSpecification.1.Tag."
    return {
        value: made[key.replace(".Key", ".Value")]
        for key, value in made.items()
        if key.startswith(prefix) and key.endswith(".Key")
    }


def _tags(fields: Mapping[str, str], tags: Mapping[str, str]) -> str:
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    listed = "".join(
        f"<item><key>{escape(key)}</key><value>{escape(value)}</value></item>"
        for key, value in tags.items()
    )
    return f"<item>{inner}<tagSet>{listed}</tagSet></item>"


def _answer(action: str, inner: str) -> tuple[int, str]:
    return 200, (
        f'<{action}Response xmlns="{_NAMESPACE}"><requestId>r</requestId>{inner}</{action}Response>'
    )


def _error(code: str, message: str) -> tuple[int, str]:
    return 400, (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message>"
        "</Error></Errors><RequestID>r</RequestID></Response>"
    )
