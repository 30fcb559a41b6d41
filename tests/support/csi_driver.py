"""A small CSI driver on a unix socket: identity and controller services, snapshots kept as files.

The sidecar csi-snapshotter asks it about snapshots, so that readiness, errors and slow snapshots
are real. It has no volumes of its own: a volume is a name.

Field numbers: csi.proto of the Container Storage Interface 1.13.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from concurrent import futures
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from ansible_collections.velero.core.plugins.module_utils.rpc.wire import Field, Message

_CONTROLLER_SERVICE = 1
_CREATE_DELETE_SNAPSHOT, _LIST_SNAPSHOTS = 5, 6

_EMPTY = Message()
_TIMESTAMP = Message(Field(1, "seconds", "int"), Field(2, "nanos", "int"))
_BOOL = Message(Field(1, "value", "bool"))
_PAIR = Message(Field(1, "key", "string"), Field(2, "value", "string"))
_TYPE = Message(Field(1, "type", "int"))
_CAPABILITY = Message(Field(1, "of", _TYPE))
_CAPABILITIES = Message(Field(1, "capabilities", _CAPABILITY, repeated=True))
_INFO = Message(Field(1, "name", "string"), Field(2, "vendor_version", "string"))
_PROBE = Message(Field(1, "ready", _BOOL))
_SNAPSHOT = Message(
    Field(1, "size_bytes", "int"),
    Field(2, "snapshot_id", "string"),
    Field(3, "source_volume_id", "string"),
    Field(4, "creation_time", _TIMESTAMP),
    Field(5, "ready_to_use", "bool"),
)
_CREATE_SNAPSHOT = Message(
    Field(1, "source_volume_id", "string"),
    Field(2, "name", "string"),
    Field(3, "secrets", _PAIR, repeated=True),
    Field(4, "parameters", _PAIR, repeated=True),
)
_CREATED_SNAPSHOT = Message(Field(1, "snapshot", _SNAPSHOT))
_DELETE_SNAPSHOT = Message(
    Field(1, "snapshot_id", "string"), Field(2, "secrets", _PAIR, repeated=True)
)
_LIST_SNAPSHOTS_REQUEST = Message(
    Field(1, "max_entries", "int"),
    Field(2, "starting_token", "string"),
    Field(3, "source_volume_id", "string"),
    Field(4, "snapshot_id", "string"),
    Field(5, "secrets", _PAIR, repeated=True),
)
_ENTRY = Message(Field(1, "snapshot", _SNAPSHOT))
_LISTED_SNAPSHOTS = Message(Field(1, "entries", _ENTRY, repeated=True))

Handler = Callable[[dict[str, Any]], dict[str, Any]]


class DriverError(Exception):
    """What the driver answers instead of a message."""

    def __init__(self, code: grpc.StatusCode, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as the driver keeps it; `ready_at` is in seconds since the epoch."""

    snapshot_id: str
    source_volume_id: str
    size_bytes: int
    created: float
    ready_at: float

    def message(self) -> dict[str, Any]:
        return {
            "size_bytes": self.size_bytes,
            "snapshot_id": self.snapshot_id,
            "source_volume_id": self.source_volume_id,
            "creation_time": {"seconds": int(self.created)},
            "ready_to_use": time.time() >= self.ready_at,
        }


class CsiDriver:
    """The driver `name`, serving at `socket` until the end of its `with` block.

    `seconds_to_ready` is how long a new snapshot takes; `failure` makes every question about
    snapshots fail with this text. `calls` are the methods that were called, in order.
    """

    def __init__(
        self, folder: Path, *, name: str = "csi.example.com", seconds_to_ready: float = 0
    ) -> None:
        self.name = name
        self.folder = folder
        self.seconds_to_ready = seconds_to_ready
        self.failure = ""
        self.calls: list[str] = []
        # Unix sockets have short names.
        self.socket = folder / "csi.sock"
        self._lock = threading.Lock()
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        self._server.add_generic_rpc_handlers((self._identity(), self._controller()))
        self._server.add_insecure_port(f"unix:{self.socket}")

    def __enter__(self) -> CsiDriver:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop(grace=None).wait()

    def add(self, snapshot_id: str, *, size_bytes: int = 1 << 30, ready_in: float = 0) -> Snapshot:
        """Keep a snapshot that was taken before; it is ready in `ready_in` seconds."""
        now = time.time()
        made = Snapshot(snapshot_id, f"volume-of-{snapshot_id}", size_bytes, now, now + ready_in)
        self._keep(made)
        return made

    def set_ready(self, snapshot_id: str, ready_in: float = 0) -> None:
        """Make a snapshot ready in `ready_in` seconds."""
        self._keep(replace(self.snapshots()[snapshot_id], ready_at=time.time() + ready_in))

    def snapshots(self) -> dict[str, Snapshot]:
        """The snapshots by their id."""
        found = (Snapshot(**json.loads(path.read_text())) for path in self.folder.glob("*.json"))
        return {snapshot.snapshot_id: snapshot for snapshot in found}

    def _path(self, snapshot_id: str) -> Path:
        return self.folder / f"{snapshot_id}.json"

    def _keep(self, snapshot: Snapshot) -> None:
        scratch = self._path(snapshot.snapshot_id).with_suffix(".new")
        scratch.write_text(json.dumps(asdict(snapshot)))
        scratch.rename(self._path(snapshot.snapshot_id))

    # ---------------------------------------------------------------- services

    def _identity(self) -> grpc.GenericRpcHandler:
        return self._service(
            "csi.v1.Identity",
            {
                "GetPluginInfo": (_EMPTY, _INFO, self._info),
                "GetPluginCapabilities": (_EMPTY, _CAPABILITIES, self._plugin_capabilities),
                "Probe": (_EMPTY, _PROBE, lambda request: {"ready": {"value": True}}),
            },
        )

    def _controller(self) -> grpc.GenericRpcHandler:
        return self._service(
            "csi.v1.Controller",
            {
                "ControllerGetCapabilities": (_EMPTY, _CAPABILITIES, self._capabilities),
                "CreateSnapshot": (_CREATE_SNAPSHOT, _CREATED_SNAPSHOT, self._create),
                "DeleteSnapshot": (_DELETE_SNAPSHOT, _EMPTY, self._delete),
                "ListSnapshots": (_LIST_SNAPSHOTS_REQUEST, _LISTED_SNAPSHOTS, self._list),
            },
        )

    def _service(
        self, service: str, methods: dict[str, tuple[Message, Message, Handler]]
    ) -> grpc.GenericRpcHandler:
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                self._answering(name, answer),
                request_deserializer=request.decode,
                response_serializer=response.encode,
            )
            for name, (request, response, answer) in methods.items()
        }
        return grpc.method_handlers_generic_handler(service, handlers)

    def _answering(
        self, name: str, answer: Handler
    ) -> Callable[[dict[str, Any], grpc.ServicerContext], dict[str, Any]]:
        def handle(request: dict[str, Any], context: grpc.ServicerContext) -> dict[str, Any]:
            with self._lock:
                self.calls.append(name)
                try:
                    return answer(request)
                except DriverError as error:
                    context.abort(error.code, str(error))
                    raise

        return handle

    def _info(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"name": self.name, "vendor_version": "1"}

    def _plugin_capabilities(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"capabilities": [{"of": {"type": _CONTROLLER_SERVICE}}]}

    def _capabilities(self, request: dict[str, Any]) -> dict[str, Any]:
        kinds = (_CREATE_DELETE_SNAPSHOT, _LIST_SNAPSHOTS)
        return {"capabilities": [{"of": {"type": kind}} for kind in kinds]}

    def _create(self, request: dict[str, Any]) -> dict[str, Any]:
        self._check()
        now = time.time()
        snapshot_id = str(request.get("name") or secrets.token_hex(8))
        found = self.snapshots().get(snapshot_id)
        made = found or Snapshot(
            snapshot_id,
            str(request.get("source_volume_id", "")),
            1 << 30,
            now,
            now + self.seconds_to_ready,
        )
        self._keep(made)
        return {"snapshot": made.message()}

    def _delete(self, request: dict[str, Any]) -> dict[str, Any]:
        self._check()
        self._path(str(request.get("snapshot_id", ""))).unlink(missing_ok=True)
        return {}

    def _list(self, request: dict[str, Any]) -> dict[str, Any]:
        self._check()
        wanted = request.get("snapshot_id")
        found = [
            snapshot
            for snapshot in self.snapshots().values()
            if wanted in (None, "", snapshot.snapshot_id)
        ]
        return {"entries": [{"snapshot": snapshot.message()} for snapshot in found]}

    def _check(self) -> None:
        if self.failure:
            raise DriverError(grpc.StatusCode.INTERNAL, self.failure)
