"""Answers that were paid for are kept: one small file each, by model, version of the prompt, article and part of it."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path

from events.extract.llm.client import Reply
from events.schema import Article

__all__ = ["Replies"]


class Replies:
    """The answers kept in a folder, which is made with the first; None: nothing is kept. Threads and processes may share it."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def get(self, model: str, version: str, article: Article, part: str) -> Reply | None:
        """Return the answer that was kept; None where there is none, or its file is broken."""
        path = self._path(model, version, article, part)
        if path is None:
            return None
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return Reply(**{field.name: values[field.name] for field in fields(Reply)})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def has(self, model: str, version: str, article: Article, part: str) -> bool:
        """Return whether an answer is kept."""
        path = self._path(model, version, article, part)
        return path is not None and path.is_file()

    def put(self, model: str, version: str, article: Article, part: str, reply: Reply) -> None:
        """Keep an answer; what cannot be written is asked again another time."""
        path = self._path(model, version, article, part)
        if path is None:
            return
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            # whole or not at all, whoever is killed
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as target:
                json.dump(asdict(reply) | {"model": model, "version": version}, target, ensure_ascii=False)
            Path(temporary).replace(path)

    def _path(self, model: str, version: str, article: Article, part: str) -> Path | None:
        if self.folder is None:
            return None
        told = "\x1f".join((model, version, article.article_id, article.published or "", part))
        name = hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self.folder / name[:2] / f"{name}.json"
