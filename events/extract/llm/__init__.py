"""A second opinion by a language model: any server that speaks OpenAI's chat protocol, off until it is configured.

    settings   which model, where, at what price            prompt     what it is told, with the codebook's lists
    client     one request: retries, pauses, simpler ways   replies    answers that were paid for
    answers    the JSON in an answer                        checking   its values against the article's words
    extractor  the order of work

Nothing here is imported, and no connection opened, before somebody asks for a second opinion.
"""

from __future__ import annotations

from events.extract.llm.client import Endpoint, Reply
from events.extract.llm.extractor import LlmExtractor, coder_of, try_connection
from events.extract.llm.prompt import overhead, parts, version
from events.extract.llm.settings import EXAMPLE, Price, Settings, config_file, settings

__all__ = [
    "EXAMPLE",
    "Endpoint",
    "LlmExtractor",
    "Price",
    "Reply",
    "Settings",
    "coder_of",
    "config_file",
    "overhead",
    "parts",
    "settings",
    "try_connection",
    "version",
]
