"""What the model is told: our words from `prompts/`, with the lists of the codebook filled in at run time.

The version names the folder of the words and a digest of all that the model is sent besides the article, so that a
type added to the codebook is a new version, and replies to the old one are not taken for its own.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, get_args

from events import codebook
from events.errors import DataError
from events.gazetteer import gazetteer
from events.schema import Article, Side, Status

__all__ = [
    "KINDS",
    "PART",
    "article_messages",
    "parts",
    "repair_message",
    "schema",
    "trial_messages",
    "version",
]

_FOLDER = Path(__file__).resolve().parent.parent / "prompts" / "v1"

KINDS = ("killed", "injured", "detained", "expelled", "released", "troops", "money")
"""Kinds of quantities that are told of an act."""

PART = 12_000
"""Characters of an article that are sent at a time (some 3,000 tokens): a longer one goes in parts of whole paragraphs."""

# Marks by which chat templates tell who speaks; a server may take them for its own, wherever they stand.
_SPEAKER = re.compile(
    r"<(?=[|｜])|\[(?=/?(?:INST|SYS)\])|<(?=</?SYS>)|<(?=/?(?:s|think|tool_call|start_of_turn|end_of_turn)>)"
)

_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Message = dict[str, str]


@cache
def _words(name: str) -> Template:
    try:
        return Template((_FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"the prompt {name}.md is missing; restore it with `git checkout events/`") from error


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema of an answer; every key is required and no other allowed, as strict servers want."""
    text = {"type": "string"}
    maybe = {"type": ["string", "null"]}
    modes = dict.fromkeys(mode for kind in codebook.event_types().values() for mode in kind.modes)
    event = {
        "sentence": text,
        "source": text,
        "source_words": text,
        "target": text,
        "target_words": text,
        "symmetric": {"type": "boolean"},
        "event_type": _one_of(codebook.event_types()),
        "mode": {"type": ["string", "null"], "enum": [*modes, None]},
        "event_type_words": text,
        "status": _one_of(get_args(Status)),
        "status_words": maybe,
        "date_words": maybe,
        "planned_for_words": maybe,
        "place_words": maybe,
        "actors": _list({"name_words": text, "role_words": maybe, "side": _one_of(get_args(Side))}),
        "issues": _list({"domain": _one_of(codebook.domains()), "words": text}),
        "quantities": _list({"kind": _one_of(KINDS), "words": text}),
        "attributed_to": maybe,
        "attributed_to_words": maybe,
    }
    return _object({"events": _list(event)})


def _one_of(names: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(properties)}


@cache
def _system() -> str:
    types = "\n".join(
        f"- {kind.name} ({kind.quad_class}): {kind.definition}"
        + (
            f" Modes: {'; '.join(f'{m.name} = {m.definition}' for m in kind.modes.values())}"
            if kind.modes
            else ""
        )
        for kind in codebook.event_types().values()
    )
    shape = schema()["properties"]["events"]["items"]["properties"]
    return _words("system").substitute(
        types=types,
        domains="; ".join(f"{d.name} ({d.description.rstrip('.')})" for d in codebook.domains().values()),
        organisations=", ".join(gazetteer().organisations()),
        quantities=", ".join(KINDS),
        shape=json.dumps({key: _sketch(value) for key, value in shape.items()}, ensure_ascii=False),
    )


def _sketch(value: dict[str, Any]) -> Any:
    """Return a key's schema as a person would note it, for servers that do not know schemas."""
    if value["type"] == "array":
        return [{key: _sketch(inner) for key, inner in value["items"]["properties"].items()}]
    if value["type"] == "boolean":
        return "true or false"
    many = len(value.get("enum", ())) > 5
    named = " | ".join(str(item) for item in value["enum"]) if "enum" in value and not many else "text"
    return named if value["type"] == "string" or ("enum" in value and not many) else f"{named} or null"


def overhead() -> int:
    """Return how many characters go with each article: all that the model is told besides, and the schema."""
    return len(_system()) + len(_words("article").template) + len(json.dumps(schema()))


@cache
def version() -> str:
    """Return the version of what the model is told, e.g. "v1-3fa92c1b"."""
    told = [_system(), _words("article").template, _words("repair").template, json.dumps(schema()), str(PART)]
    digest = hashlib.blake2b("\x1f".join(told).encode(), digest_size=4).hexdigest()
    return f"{_FOLDER.name}-{digest}"


def parts(article: Article) -> list[str]:
    """Return the article's text in parts of at most `PART` characters, cut between paragraphs where there are any."""
    text, found, at = article.text, [], 0
    while len(text) - at > PART:
        cut = max(text.rfind("\n", at, at + PART), at)
        if cut <= at + PART // 2:
            cut = max(cut, text.rfind(" ", at, at + PART))
        cut = cut if cut > at else at + PART
        found.append(text[at:cut])
        at = cut
    return [piece for piece in [*found, text[at:]] if piece.strip()]


def article_messages(article: Article, part: str, number: int = 1, total: int = 1) -> list[Message]:
    """Return the messages that ask for the events of a part of the article, fenced by a mark that nobody can foresee."""
    told = _words("article").substitute(
        published=day if _DAY.fullmatch(day := (article.published or "")[:10]) else "unknown",
        part=f"\nThis is part {number} of {total} of the article." if total > 1 else "",
        mark=secrets.token_hex(8),
        text=_SPEAKER.sub(lambda m: m.group() + " ", part),
    )
    return [{"role": "system", "content": _system()}, {"role": "user", "content": told}]


def trial_messages(text: str) -> list[Message]:
    """Return the messages that ask for the events of a text of our own."""
    return article_messages(Article.of(text), text)


def repair_message(problem: str) -> Message:
    """Return the message that asks for the answer again."""
    return {"role": "user", "content": _words("repair").substitute(problem=problem)}
