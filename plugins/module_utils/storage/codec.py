# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Velero's file formats: compact JSON as Go writes it, and gzip.

Source: reference backup-storage-and-crs.md section 1.5.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from typing import Any

# The header that Go writes: no name, no time, unknown operating system.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LEVEL = 6
_GZIP_ONLY = 16 + zlib.MAX_WBITS
# No artifact comes near it; a forged one must not fill the memory.
MAX_JSON_SIZE = 1024**3

# What Go's encoder escapes beyond JSON's own rules; a lone surrogate becomes U+FFFD.
_ESCAPED = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def encode_json(value: Any) -> bytes:
    """Returns compact JSON with one trailing line feed.

    Keys stay in their order: Go sorts those of maps but not those of structs (in a results file
    ``velero`` comes before ``cluster``), and only the caller knows which is which.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return (_ESCAPED.sub(_escape, text) + "\n").encode()


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "\\ufffd" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"


def compress(data: bytes) -> bytes:
    """Returns ``data`` as one gzip member; equal input gives equal output."""
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(data) + deflate.flush()
    return _GZIP_HEADER + body + struct.pack("<LL", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def decompress(data: bytes, max_size: int = MAX_JSON_SIZE) -> bytes:
    """Returns the content of all gzip members in ``data``.

    Raises ValueError with the reason: not gzip, cut, damaged or larger than ``max_size`` bytes.
    """
    parts: list[bytes] = []
    left = max_size
    while data or not parts:
        member = zlib.decompressobj(_GZIP_ONLY)
        try:
            parts.append(member.decompress(data, left + 1))
        except zlib.error as error:
            raise ValueError(f"it is not sound gzip data ({error})") from error
        left -= len(parts[-1])
        if left < 0:
            raise ValueError(f"it is larger than {max_size} bytes")
        if not member.eof:
            raise ValueError("it is incomplete (unexpected EOF)")
        data = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def decode_json(data: bytes) -> Any:
    """Returns the JSON value in ``data``; raises ValueError without quoting the content."""
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise ValueError(f"it is not JSON ({error.msg} at {place})") from None
    except UnicodeDecodeError:
        raise ValueError("it is not JSON (not UTF-8)") from None
    except RecursionError:
        raise ValueError("it is not JSON that can be read (nested too deeply)") from None
