"""The faces that we ship, for pictures and pages that must look the same where they are not installed.

They are those of the dashboard: `.streamlit/config.toml` lists them, `events/dashboard/static/fonts` holds them.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from events.errors import DataError

__all__ = ["Face", "faces", "lacking"]

_ROOT = Path(__file__).resolve().parents[2]
_SERVED = "app/static/"  # what streamlit calls the folder in the addresses


@dataclass(frozen=True, slots=True)
class Face:
    """One face: family, weight ("400" or a range as "100 700"), its characters, and the file as a data URI."""

    family: str
    weight: str
    unicode: str
    url: str


# Scripts that our faces lack: name, letters, the language by which fontconfig knows it, Debian's package of fonts.
_SCRIPTS = (
    ("Chinese", r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]", "zh-cn", "fonts-noto-cjk"),
    ("Japanese", r"[\u3041-\u30ff]", "ja", "fonts-noto-cjk"),
    ("Korean", r"[\u1100-\u11ff\uac00-\ud7a3]", "ko", "fonts-noto-cjk"),
    ("Arabic", r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]", "ar", "fonts-noto-core"),
    ("Hebrew", r"[\u0590-\u05ff]", "he", "fonts-noto-core"),
    ("Greek", r"[\u0370-\u03ff]", "el", "fonts-noto-core"),
    ("Armenian", r"[\u0531-\u058f]", "hy", "fonts-noto-core"),
    ("Georgian", r"[\u10a0-\u10ff]", "ka", "fonts-noto-core"),
    ("Devanagari", r"[\u0900-\u097f]", "hi", "fonts-noto-core"),
    ("Bengali", r"[\u0980-\u09ff]", "bn", "fonts-noto-core"),
    ("Tamil", r"[\u0b80-\u0bff]", "ta", "fonts-noto-core"),
    ("Thai", r"[\u0e00-\u0e7f]", "th", "fonts-noto-core"),
    ("Burmese", r"[\u1000-\u109f]", "my", "fonts-noto-core"),
    ("Ethiopic", r"[\u1200-\u137f]", "am", "fonts-noto-core"),
    ("Khmer", r"[\u1780-\u17ff]", "km", "fonts-noto-core"),
)


def lacking(text: str) -> str:
    """Return what this computer has no font for among the scripts of a text, and what to install; "" where all is well.

    Pictures and PDFs would show boxes for it. Asked of fontconfig; where there is none (Windows, macOS) nothing is said,
    since those have fonts for every script.
    """
    missed = [
        (name, package)
        for name, letters, language, package in _SCRIPTS
        if re.search(letters, text) and not _has(language)
    ]
    if not missed:
        return ""
    names = [name for name, _ in missed]
    told = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    packages = " ".join(dict.fromkeys(package for _, package in missed))
    return f"No font on this computer has {told} letters: pictures and PDFs would show boxes for them. Install {packages}."


@cache
def _has(language: str) -> bool:
    """Say whether fontconfig knows a font for a language; True where it cannot be asked."""
    tool = shutil.which("fc-list")
    if tool is None:
        return True
    try:
        command = [tool, f":lang={language}", "file"]
        done = subprocess.run(command, capture_output=True, timeout=10, check=True)  # noqa: S603 our own words
    except (OSError, subprocess.SubprocessError):
        return True
    return bool(done.stdout.strip())


@cache
def faces() -> tuple[Face, ...]:
    """Return the faces that we ship; raises DataError where a file is missing."""
    try:
        settings = tomllib.loads((_ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
        found = []
        for face in settings["theme"]["fontFaces"]:
            file = _ROOT / "events" / "dashboard" / "static" / face["url"].removeprefix(_SERVED)
            packed = base64.b64encode(file.read_bytes()).decode()
            found.append(
                Face(
                    face["family"],
                    str(face["weight"]),
                    face["unicodeRange"],
                    f"data:font/woff2;base64,{packed}",
                )
            )
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"the fonts cannot be read ({error}); restore them with `git checkout`") from error
    return tuple(found)
