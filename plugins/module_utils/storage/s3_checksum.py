# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checksums of uploads.

They are sent as a header. Left to botocore they would follow the content as a trailer, which
several servers that speak the protocol of S3 do not understand.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable

_DIGESTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "CRC32": ("ChecksumCRC32", lambda data: zlib.crc32(data).to_bytes(4, "big")),
    "SHA1": ("ChecksumSHA1", lambda data: hashlib.sha1(data).digest()),
    "SHA256": ("ChecksumSHA256", lambda data: hashlib.sha256(data).digest()),
}


def checksum_arguments(algorithm: str, data: bytes) -> dict[str, str]:
    """Returns the arguments of PutObject for ``algorithm``; none for an empty one.

    Algorithms that the standard library does not have are left to botocore.
    """
    if not algorithm:
        return {}
    known = _DIGESTS.get(algorithm)
    if known is None:
        return {"ChecksumAlgorithm": algorithm}
    argument, digest = known
    return {argument: base64.b64encode(digest(data)).decode()}
