# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs that merge, and the fragments that several modules share.

Every fragment here has a documentation fragment of the same name in plugins/doc_fragments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import env_fallback

Options = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentSpec:
    """What AnsibleModule needs to know about the parameters of a module."""

    options: Options = field(default_factory=dict)
    mutually_exclusive: Sequence[Sequence[str]] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    required_together: Sequence[Sequence[str]] = ()
    required_if: Sequence[Sequence[Any]] = ()

    def merge(self, other: ArgumentSpec) -> ArgumentSpec:
        """Returns a spec with the options and rules of both."""
        return ArgumentSpec(
            options={**self.options, **other.options},
            mutually_exclusive=(*self.mutually_exclusive, *other.mutually_exclusive),
            required_one_of=(*self.required_one_of, *other.required_one_of),
            required_together=(*self.required_together, *other.required_together),
            required_if=(*self.required_if, *other.required_if),
        )

    def arguments(self) -> dict[str, Any]:
        """Returns the keyword arguments of AnsibleModule."""
        return {
            "argument_spec": self.options,
            "mutually_exclusive": [list(rule) for rule in self.mutually_exclusive],
            "required_one_of": [list(rule) for rule in self.required_one_of],
            "required_together": [list(rule) for rule in self.required_together],
            "required_if": [list(rule) for rule in self.required_if],
        }


def merged(*specs: ArgumentSpec) -> ArgumentSpec:
    """Returns one spec with the options and rules of all."""
    result = ArgumentSpec()
    for spec in specs:
        result = result.merge(spec)
    return result


def _auth(name: str, **option: Any) -> dict[str, Any]:
    return {**option, "fallback": (env_fallback, [f"K8S_AUTH_{name}"])}


# The kubeconfig may be a mapping that holds credentials: it is kept out of the log here, and
# ansible_run narrows what is masked in the result down to its secrets.
AUTH = ArgumentSpec(
    options={
        "kubeconfig": _auth("KUBECONFIG", type="raw", no_log=True),
        "context": _auth("CONTEXT", type="str"),
        "host": _auth("HOST", type="str"),
        "api_key": _auth("API_KEY", type="str", no_log=True),
        "username": _auth("USERNAME", type="str"),
        "password": _auth("PASSWORD", type="str", no_log=True),
        "client_cert": _auth("CERT_FILE", type="path", aliases=["cert_file"]),
        "client_key": _auth("KEY_FILE", type="path", aliases=["key_file"], no_log=False),
        "ca_cert": _auth("SSL_CA_CERT", type="path", aliases=["ssl_ca_cert"]),
        "validate_certs": _auth("VERIFY_SSL", type="bool", aliases=["verify_ssl"]),
        "tls_server_name": _auth("TLS_SERVER_NAME", type="str"),
        "proxy": _auth("PROXY", type="str"),
        "no_proxy": _auth("NO_PROXY", type="str"),
        "proxy_headers": {
            "type": "dict",
            "apply_defaults": True,
            "options": {
                "proxy_basic_auth": _auth(
                    "PROXY_HEADERS_PROXY_BASIC_AUTH", type="str", no_log=True
                ),
                "basic_auth": _auth("PROXY_HEADERS_BASIC_AUTH", type="str", no_log=True),
                "user_agent": _auth("PROXY_HEADERS_USER_AGENT", type="str"),
            },
        },
        "persist_config": _auth("PERSIST_CONFIG", type="bool"),
        "impersonate_user": _auth("IMPERSONATE_USER", type="str"),
        "impersonate_groups": _auth("IMPERSONATE_GROUPS", type="list", elements="str"),
    }
)

VELERO_NAMESPACE = ArgumentSpec(options={"velero_namespace": {"type": "str", "default": "velero"}})


def location_option() -> dict[str, Any]:
    """Returns an option that names a place for backups or artifacts."""
    return {
        "type": "dict",
        "options": {
            "provider": {"type": "str", "required": True, "choices": ["directory", "aws"]},
            "path": {"type": "path"},
            "bucket": {"type": "str"},
            "prefix": {"type": "str", "default": ""},
            "config": {"type": "dict", "default": {}},
            "credentials_file": {"type": "path", "no_log": False},
            "ca_cert": {"type": "path"},
        },
        "required_if": [["provider", "directory", ["path"]], ["provider", "aws", ["bucket"]]],
        "mutually_exclusive": [["path", "bucket"]],
    }


STORAGE = ArgumentSpec(
    options={"storage": location_option(), "storage_location": {"type": "str"}},
    mutually_exclusive=[["storage", "storage_location"]],
)

ARTIFACTS = ArgumentSpec(options={"artifacts": location_option()})

RESULT_DETAIL = ArgumentSpec(
    options={
        "result_detail": {
            "type": "str",
            "default": "items",
            "choices": ["summary", "items", "full"],
        }
    }
)

# Sizes of an archive are in bytes, and may be written with a unit (32MB).
ARCHIVE_LIMITS = ArgumentSpec(
    options={
        "archive_limits": {
            "type": "dict",
            "options": {
                "max_members": {"type": "int"},
                "max_member_size": {"type": "bytes"},
                "max_total_size": {"type": "bytes"},
                "max_path_length": {"type": "int"},
                "max_depth": {"type": "int"},
                "max_ratio": {"type": "float"},
                "ratio_floor": {"type": "bytes"},
                "max_index_size": {"type": "bytes"},
            },
        }
    }
)
