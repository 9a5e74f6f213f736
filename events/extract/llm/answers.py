"""From the text of an answer to its events, however a model wraps them: the JSON is found, nothing is guessed."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["events_of"]

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_EVENTS = re.compile(r'\{\s*"events"\s*:')
_STARTS = 20  # places that are tried


def events_of(answer: str) -> list[Any]:
    """Return the events of an answer, unchecked; raises ValueError that says what is wrong with it."""
    text = _THOUGHT.sub("", answer)
    decoder = json.JSONDecoder()
    first = re.search(r"[{\[]", text)
    if first is None:
        raise ValueError("it holds no JSON object")
    problem = ""
    for at in dict.fromkeys([first.start(), *(m.start() for m in _EVENTS.finditer(text))][:_STARTS]):
        try:
            value, _ = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            problem = problem or f"it is no valid JSON ({error})"
            continue
        found = value.get("events") if isinstance(value, dict) else value
        if isinstance(found, list):
            return found
        problem = problem or 'its JSON object has no list "events"'
    raise ValueError(problem)
