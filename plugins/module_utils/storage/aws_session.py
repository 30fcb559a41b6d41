# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A botocore session with the credentials of a location.

Nothing goes through the environment of the process: several locations with different credentials
can be open at once. Source: reference backup-storage-and-crs.md section 3.4, config.go of the AWS
plugin.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    RequestError,
    StorageAccessError,
)

if TYPE_CHECKING:
    from botocore.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCredentials:
    """Where the keys come from: a file or its content, else boto3's own chain."""

    profile: str = ""
    file: str = ""
    data: bytes = field(default=b"", repr=False)


def open_session(
    credentials: AwsCredentials, scratch: ExitStack, *, doing: str, target: str
) -> Session:
    """Returns a session; its credentials are read before ``scratch`` takes their file away.

    Raises RequestError for a file that cannot be read, StorageAccessError (``doing`` what to
    ``target``) for one without keys, and errors of botocore.
    """
    from botocore.session import Session as CoreSession

    path = _path(credentials, scratch)
    if not path:
        return CoreSession(profile=credentials.profile or None)
    # An explicit profile keeps the keys of the environment out.
    session = CoreSession(profile=credentials.profile or "default")
    session.set_config_variable("credentials_file", path)
    session.set_config_variable("config_file", path)
    resolver = session.get_component("credential_provider")
    for provider in ("container-role", "iam-role"):
        resolver.remove(provider)
    if session.get_credentials() is None:
        raise StorageAccessError(
            doing,
            target,
            f"the credentials file has no keys in profile {credentials.profile or 'default'}",
            "It needs aws_access_key_id and aws_secret_access_key, or a role",
        )
    return session


def _path(credentials: AwsCredentials, scratch: ExitStack) -> str:
    if credentials.data:
        # Created with mode 0600.
        temporary = tempfile.NamedTemporaryFile(prefix="velero-core-")  # noqa: SIM115
        file = scratch.enter_context(temporary)
        file.write(credentials.data)
        file.flush()
        return file.name
    path = credentials.file
    if path and not os.access(path, os.R_OK):
        raise RequestError("reading credentials file", path, "it is absent or not readable")
    return path
