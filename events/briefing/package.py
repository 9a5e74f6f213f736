"""Office files that say the same each time: a zip without the clock, and text that XML can carry."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

__all__ = ["settled"]

_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")


def settled(data: bytes, when: datetime) -> bytes:
    """Return an Office file with `when` as the time of all its parts, those of embedded workbooks too.

    The libraries that write these files stamp them with the time of writing, so that equal contents differ.
    """
    out = io.BytesIO()
    moment = (max(when.year, 1980), when.month, when.day, when.hour, when.minute, when.second // 2 * 2)
    stamp = when.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".xlsx"):
                content = settled(content, when)
            elif name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, content)
    return out.getvalue()
