"""The second coder: an article goes to the model in parts, its answers come back checked, as reports of our own shape."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from events.errors import EndpointError, ReplyError
from events.extract.llm import prompt
from events.extract.llm.answers import events_of
from events.extract.llm.checking import Checked, Checker
from events.extract.llm.client import Endpoint, Format, Reply
from events.extract.llm.replies import Replies
from events.extract.llm.settings import Settings
from events.gazetteer import gazetteer
from events.schema import Article, Opinion, Report

__all__ = ["LlmExtractor", "coder_of", "try_connection"]

_QUOTED = 6_000  # characters of a spoilt answer that are sent back with the request to mend it


def coder_of(model: str) -> str:
    """Return the name that signs the reports of a model."""
    return f"llm {model}"


class LlmExtractor:
    """A language model behind the promise of an extractor: every value with the article's own words, or none.

    `folder` keeps answers, so that no article is paid for twice. Threads may share an instance.
    """

    def __init__(
        self, settings: Settings, folder: Path | None = None, *, endpoint: Endpoint | None = None
    ) -> None:
        self.settings = settings
        self.name = coder_of(settings.model)
        self.version = prompt.version()
        self.endpoint = endpoint or Endpoint(settings)
        self.replies = Replies(folder)
        self._checking = threading.Lock()

    def stream(self, articles: Iterable[Article]) -> Iterator[list[Report]]:
        """Yield the reports of each article, in order; raises ReplyError at one that cannot be read, EndpointError where none can."""
        for article in articles:
            opinion = self.read(article)
            if opinion.failed is not None:
                raise ReplyError(opinion.failed)
            yield list(opinion.reports)

    def close(self) -> None:
        """Close the connections to the server."""
        self.endpoint.close()

    def is_kept(self, article: Article) -> bool:
        """Return whether all answers about the article are kept, so that reading it asks nothing."""
        return all(
            self.replies.has(self.settings.model, self.version, article, part)
            for part in prompt.parts(article)
        )

    def read(self, article: Article) -> Opinion:
        """Return what the model reads in the article; `failed` says why it is left out. Raises EndpointError where no article can be read."""
        replies: list[Reply] = []
        asked = False
        failed: str | None = None
        events: list[Any] = []
        parts = prompt.parts(article)
        try:
            for number, part in enumerate(parts, 1):
                kept = self.replies.get(self.settings.model, self.version, article, part)
                if kept is None:
                    asked = True
                    kept = self._answer(article, part, number, len(parts), replies)
                    self.replies.put(self.settings.model, self.version, article, part, kept)
                else:
                    replies.append(kept)
                events += events_of(kept.text)
        except ReplyError as error:
            failed = str(error)
        except ValueError as error:  # a kept answer that was changed
            failed = f"the kept answer cannot be used: {error}"
        checked = Checked((), ()) if failed else self._checked(article, events)
        tokens_in, tokens_out = sum(r.tokens_in for r in replies), sum(r.tokens_out for r in replies)
        price = self.settings.price
        return Opinion(
            article_id=article.article_id,
            coder=self.name,
            version=self.version,
            reports=checked.reports,
            refused=checked.refused,
            failed=failed,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            counted=all(reply.counted for reply in replies),
            seconds=sum(reply.seconds for reply in replies),
            cached=not asked and failed is None,
            cost=price.of(tokens_in, tokens_out) if price else None,
            currency=price.currency if price else None,
            when=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _checked(self, article: Article, events: list[Any]) -> Checked:
        with self._checking:  # names and rules are shared, and quick beside the model
            return Checker(article, gazetteer(), coder=self.name, version=self.version).check(events)

    def _answer(self, article: Article, part: str, number: int, total: int, paid: list[Reply]) -> Reply:
        """Return an answer that holds events, with the tokens of all tries; each answer goes to `paid`.

        One that was cut off is asked for again with twice the room, one that is no JSON with the request to mend it;
        each once. Raises ReplyError.
        """
        messages = prompt.article_messages(article, part, number, total)
        limit = self.settings.max_output_tokens
        first = self._asked(messages, limit, paid)
        last, problem = first, _problem(first)
        if problem is not None and first.finish == "length":
            last = self._asked(messages, 2 * limit, paid)
            problem = _problem(last)
        elif problem is not None:
            spoilt = {"role": "assistant", "content": first.text[:_QUOTED]}
            last = self._asked([*messages, spoilt, prompt.repair_message(problem)], limit, paid)
            problem = _problem(last)
        if problem is not None:
            if last.finish == "length":
                raise ReplyError(
                    f"the answer was cut off at {last.tokens_out} tokens; raise max_output_tokens"
                )
            raise ReplyError(f"the answer cannot be used, also when asked again: {problem}")
        if last is first:
            return first
        return replace(
            last,
            tokens_in=first.tokens_in + last.tokens_in,
            tokens_out=first.tokens_out + last.tokens_out,
            seconds=first.seconds + last.seconds,
        )

    def _asked(self, messages: list[prompt.Message], limit: int, paid: list[Reply]) -> Reply:
        reply = self.endpoint.ask(messages, limit=limit)
        paid.append(reply)
        if reply.finish in {"content_filter", "refusal"}:
            raise ReplyError(f"the server’s filter refused the article ({reply.finish})")
        return reply


def _problem(reply: Reply) -> str | None:
    """Return what is wrong with an answer, None where it can be used."""
    try:
        events_of(reply.text)
    except ValueError as error:
        return str(error)
    return None


def try_connection(settings: Settings) -> tuple[Reply, Format]:
    """Ask the model one sentence; return its answer, and how its events could be asked for. Raises EndpointError that says what to do."""
    endpoint = Endpoint(replace(settings, tries=min(2, settings.tries)))
    try:
        reply = endpoint.try_out()
    finally:
        endpoint.close()
    if (problem := _problem(reply)) is not None:
        raise EndpointError(f"{settings.model} answers, but not as it was asked to: {problem}")
    return reply, endpoint.format
