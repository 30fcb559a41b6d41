# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plugin process is told and what its first line says.

Source: reference plugin-protocol.md sections 2 and 3, hashicorp/go-plugin v1.7.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.velero.core.plugins.module_utils.rpc.errors import PluginError

_CORE_VERSION = "1"
_APP_VERSION = "2"
_FEWEST_FIELDS = 4
# Shorter texts are no certificate; the library looks at it the same way.
_SHORTEST_CERTIFICATE = 51
# With these the plugin would want TLS or another framing, which Velero does not use.
_UNWANTED = ("PLUGIN_CLIENT_CERT", "PLUGIN_MULTIPLEX_GRPC", "PLUGIN_UNIX_SOCKET_GROUP")
_NO_PLUGIN = "Check that it is a plugin of Velero 1.9 or newer, built for this machine"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a plugin process listens; ``network`` is ``unix`` or ``tcp``."""

    network: str
    address: str

    @property
    def target(self) -> str:
        """Returns the address as gRPC wants it."""
        return f"unix:{self.address}" if self.network == "unix" else self.address


def plugin_environment(inherited: Mapping[str, str], socket_folder: str) -> dict[str, str]:
    """Returns the environment of a plugin process that makes its socket in ``socket_folder``."""
    environment = {name: value for name, value in inherited.items() if name not in _UNWANTED}
    return environment | {
        "VELERO_PLUGIN": "hello",
        "PLUGIN_PROTOCOL_VERSIONS": _APP_VERSION,
        "PLUGIN_MIN_PORT": "10000",
        "PLUGIN_MAX_PORT": "25000",
        "PLUGIN_UNIX_SOCKET_DIR": socket_folder,
    }


def parse_handshake(line: str, plugin: str) -> Address:
    """Returns where the process listens that printed ``line``.

    ``plugin`` is its path, for people. Raises PluginError for anything but protocol 1, version 2,
    gRPC without TLS.
    """
    fields = line.strip().split("|")
    if len(fields) < _FEWEST_FIELDS:
        raise _refused(plugin, f"Unrecognized remote plugin message: {line.strip()[:200]}")
    core, app, network, address, *rest = fields
    protocol = rest[0] if rest else "netrpc"
    certificate = rest[1] if len(rest) > 1 else ""
    if core != _CORE_VERSION:
        raise _refused(
            plugin,
            f"incompatible core API version with plugin. Plugin version: {core}, "
            f"Core version: {_CORE_VERSION}",
        )
    if app != _APP_VERSION:
        raise _refused(
            plugin,
            f"incompatible API version with plugin. Plugin version: {app}, "
            f"Client versions: [{_APP_VERSION}]",
        )
    if network not in ("unix", "tcp") or not address:
        raise _refused(plugin, f"unknown address type: {network} {address}")
    if protocol != "grpc":
        raise _refused(plugin, f'unsupported plugin protocol "{protocol}". Supported: [grpc]')
    if len(certificate) >= _SHORTEST_CERTIFICATE:
        raise _refused(plugin, "it wants TLS, which plugins of Velero do not use")
    return Address(network, address)


def _refused(plugin: str, why: str) -> PluginError:
    return PluginError("starting the plugin", plugin, why, _NO_PLUGIN)
