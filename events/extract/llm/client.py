"""One way to ask a language model: any server that speaks OpenAI's chat protocol, however much of it that knows.

A request asks for a streamed answer in our JSON schema. A server that refuses a part of that (the schema, streaming, the
temperature, the name of the token limit) is asked without it from then on. What may pass is tried again with growing
pauses: 429 and 5xx, timeouts, streams that break. What will not pass (the key, the model, the address) stops the run.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from events.errors import EndpointError, ReplyError
from events.extract.llm import prompt
from events.extract.llm.settings import Settings

__all__ = ["Endpoint", "Format", "Reply"]

# Seconds before the second try; doubled for each further one, up to LONGEST.
FIRST_PAUSE = 1.0
LONGEST = 60.0
# A server that wants a longer pause than this is left alone: the run stops, and goes on when it is started again.
PATIENCE = 120.0
# An answer of more characters a token than any language has is not going to end.
RUNAWAY = 12
# Bytes of a reply as it travels, whole or streamed, with all that is around its words: a streamed token takes some 300,
# half a thousand with what servers add. A server that sends more is not answering.
MOST_BYTES = 1 << 20
BYTES_A_TOKEN = 1_024
_CONNECT = 10.0  # seconds
_SHOWN = 300  # characters of a server's own words in a message
_MODELS = 8  # models that are offered where the one asked for is unknown

_BROKEN = {408, 409, 425, 429}
_REFUSED = {400, 404, 405, 415, 422, 501}

Format = Literal["schema", "object", "plain"]
"""How events are asked for: by JSON schema, as some JSON object, or in words alone."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came. `finish` is the server's reason to stop ("stop", "length", ...), "" where it gave none.

    Tokens are those of the server, or where it does not count them (`counted` false) a fourth of the characters.
    """

    text: str
    finish: str
    tokens_in: int
    tokens_out: int
    counted: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class _Way:
    """What of the protocol a server is asked for."""

    format: Format = "schema"
    stream: bool = True
    usage: bool = True
    temperature: bool = True
    limit: str = "max_tokens"

    def without(self, told: str) -> _Way | None:
        """Return a simpler way after a refusal in these words (lower case); None where there is none."""
        if "max_completion_tokens" in told and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if "temperature" in told and self.temperature:
            return replace(self, temperature=False)
        if "stream_options" in told or "include_usage" in told:
            return replace(self, usage=False) if self.usage else None
        if "stream" in told and self.stream:
            return replace(self, stream=False, usage=False)
        if self.format == "schema":
            return replace(self, format="object")
        return replace(self, format="plain") if self.format == "object" else None


class _MayPass(Exception):
    """A failure that another try may not meet; `pause` is what the server asks for, in seconds."""

    def __init__(self, message: str, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause


class Endpoint:
    """A model at a server; threads may share it. `wait` sleeps so many seconds, and `stop` ends all waiting."""

    def __init__(self, settings: Settings, *, wait: Callable[[float], None] | None = None) -> None:
        self.settings = settings
        self.stop = threading.Event()
        self._wait = wait or (lambda seconds: self.stop.wait(seconds) and None)
        self._way = _Way()
        self._guard = threading.Lock()
        self._not_before = 0.0
        self._made: Any = None

    @property
    def format(self) -> Format:
        """How answers are asked for: by schema, as a JSON object, or plainly; known after the first answer."""
        return self._way.format

    def ask(self, messages: Sequence[prompt.Message], *, limit: int | None = None) -> Reply:
        """Return the answer to these messages.

        Raises ReplyError where this request cannot be answered, EndpointError where none can.
        """
        tries, failures = self.settings.tries, 0
        while True:
            self._stopped()
            if (pause := self._not_before - time.monotonic()) > 0:
                self._wait(pause)
                self._stopped()
            try:
                return self._once(messages, limit or self.settings.max_output_tokens)
            except _MayPass as error:
                failures += 1
                if failures >= tries:
                    raise ReplyError(f"{error}; tried {tries} times") from error
                pause = self._pause(failures) if error.pause is None else error.pause
                if pause > PATIENCE:
                    raise EndpointError(
                        f"{self.settings.host} asks to wait {pause / 60:.0f} minutes ({error}); run again then, what was "
                        "read is kept"
                    ) from error
                if error.pause is not None:  # the limit is everybody's: other threads wait too
                    self._not_before = max(self._not_before, time.monotonic() + pause)
                else:
                    self._wait(pause)

    def try_out(self) -> Reply:
        """Ask for the events of a sentence, as an article's are asked for; raises EndpointError in all that can go wrong."""
        article = "Ankara expelled two Greek diplomats on Tuesday."
        return self.ask(prompt.trial_messages(article), limit=min(1_000, self.settings.max_output_tokens))

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        with self._guard:
            made, self._made = self._made, None
        if made is not None:
            made.close()

    @staticmethod
    def _pause(failures: int) -> float:
        return float(min(LONGEST, FIRST_PAUSE * 2 ** (failures - 1)) * random.uniform(0.75, 1.25))  # noqa: S311 no secret

    def _stopped(self) -> None:
        if self.stop.is_set():
            raise EndpointError("stopped; what was read is kept")

    def _client(self) -> Any:
        """Return the client, made on first use: whoever asks no model need not have the library."""
        with self._guard:
            if self._made is None:
                try:
                    import openai  # noqa: PLC0415
                except ImportError as error:
                    raise EndpointError(
                        "a second opinion needs the package openai: pip install -r requirements.txt"
                    ) from error
                # neither a redirect nor the account of another program may come with a request
                self._made = openai.OpenAI(
                    base_url=self.settings.url,
                    api_key=self.settings.key or "none",
                    max_retries=0,
                    timeout=openai.Timeout(self.settings.timeout, connect=_CONNECT),
                    default_headers={
                        "OpenAI-Organization": openai.Omit(),
                        "OpenAI-Project": openai.Omit(),
                        "Accept-Encoding": "identity",  # what is packed can unpack to anything
                    },
                    http_client=openai.DefaultHttpxClient(
                        follow_redirects=False, event_hooks={"response": [self._cap]}
                    ),
                )
            return self._made

    def _cap(self, response: Any) -> None:
        """Have a response read no further than a reply can be long, nor for longer than one may take (a hook of httpx)."""
        import httpx2  # noqa: PLC0415 the client's own, which comes with openai

        host, limit, began = self.settings.host, self.settings.timeout, time.monotonic()
        most = MOST_BYTES + BYTES_A_TOKEN * self.settings.max_output_tokens
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise ReplyError(f"{host} sent a packed answer, which was not asked for")
        source = response.stream

        class Capped(httpx2.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                length = 0
                for piece in source:
                    length += len(piece)
                    if length > most:
                        raise ReplyError(
                            f"the answer of {host} is longer than {most / 1e6:.1f} MB; more than "
                            "max_output_tokens of the settings can take, so the server is not answering what was asked"
                        )
                    if time.monotonic() - began > limit:
                        raise _MayPass(f"{host} did not finish its answer within {limit:g} s")
                    yield piece

            def close(self) -> None:
                source.close()

        response.stream = Capped()

    def _once(self, messages: Sequence[prompt.Message], limit: int) -> Reply:
        """Make one request, in simpler ways while the server refuses a part of it."""
        import openai  # noqa: PLC0415

        client = self._client()
        while True:
            way = self._way
            try:
                return self._answer(client, messages, limit, way)
            except openai.APIStatusError as error:
                simpler = self._after(error, way)
                with self._guard:
                    if self._way == way:
                        self._way = simpler
            except openai.APITimeoutError as error:
                raise _MayPass(
                    f"{self.settings.host} did not answer within {self.settings.timeout:g} s"
                ) from error
            except openai.APIConnectionError as error:
                cause = self._say(str(error.__cause__ or error))
                raise _MayPass(f"the connection to {self.settings.host} failed ({cause})") from error
            except openai.APIError as error:  # told in the middle of a stream
                raise _MayPass(f"{self.settings.host} broke off: {self._say(error.message)}") from error
            except (ValueError, TypeError, AttributeError) as error:  # an event of the stream that is no JSON
                raise _MayPass(
                    f"{self.settings.host} sent what is no answer ({self._say(str(error))})"
                ) from error

    def _answer(self, client: Any, messages: Sequence[prompt.Message], limit: int, way: _Way) -> Reply:
        asked: dict[str, Any] = {"model": self.settings.model, "messages": list(messages), way.limit: limit}
        if way.temperature:
            asked["temperature"] = 0
        if way.format == "schema":
            shape = {"name": "events", "strict": True, "schema": prompt.schema()}
            asked["response_format"] = {"type": "json_schema", "json_schema": shape}
        elif way.format == "object":
            asked["response_format"] = {"type": "json_object"}
        if way.stream:
            asked["stream"] = True
            if way.usage:
                asked["stream_options"] = {"include_usage": True}
        began = time.monotonic()
        answer = client.chat.completions.create(**asked)
        if way.stream:
            text, finish, usage = self._listen(answer, limit, began)
        else:
            choice = answer.choices[0]
            text, finish, usage = choice.message.content or "", choice.finish_reason or "", answer.usage
        if not text.strip() and finish != "length":
            if way.stream and not finish:  # it may not know streams, and have answered as one piece
                with self._guard:
                    self._way = replace(self._way, stream=False, usage=False)
            raise _MayPass(f"{self.settings.host} sent an empty answer{f' ({finish})' if finish else ''}")
        if not finish and not text.rstrip().endswith(("}", "]", "```")):
            raise _MayPass(f"{self.settings.host} broke off in the middle of its answer")
        sent = sum(len(message["content"]) for message in messages)
        counted = bool(usage and usage.prompt_tokens)
        return Reply(
            text=self.settings.hide(text),
            finish=finish,
            tokens_in=int(usage.prompt_tokens) if counted else sent // 4,
            tokens_out=int(usage.completion_tokens or 0) if counted else len(text) // 4,
            counted=counted,
            seconds=time.monotonic() - began,
        )

    def _listen(self, stream: Any, limit: int, began: float) -> tuple[str, str, Any]:
        """Return text, reason to stop and usage of a stream; it is closed when it goes on for too long."""
        pieces: list[str] = []
        finish, usage, length = "", None, 0
        with stream:
            for chunk in stream:
                usage = getattr(chunk, "usage", None) or usage
                for choice in (getattr(chunk, "choices", None) or ())[:1]:
                    piece = choice.delta.content if choice.delta else None
                    if piece:
                        pieces.append(piece)
                        length += len(piece)
                    finish = choice.finish_reason or finish
                if length > limit * RUNAWAY:
                    raise ReplyError(f"the answer of {self.settings.host} goes on without an end")
                if time.monotonic() - began > self.settings.timeout:
                    raise _MayPass(
                        f"{self.settings.host} did not finish its answer within {self.settings.timeout:g} s"
                    )
                self._stopped()
        return "".join(pieces), finish, usage

    def _after(self, error: Any, way: _Way) -> _Way:
        """Return a simpler way to ask after a refusal, or raise what it means."""
        status = int(error.status_code)
        told = self._say(error.message.removeprefix(f"Error code: {status} - "))
        low = told.lower()
        host, model = self.settings.host, self.settings.model
        if status in {401, 403}:
            raise EndpointError(f"{host} refuses the key ({status}: {told}); set ENTENTE_LLM_KEY") from error
        if status == 402 or "insufficient_quota" in low or "insufficient_quota" in str(error.code or ""):
            raise EndpointError(f"the account at {host} has run out: {told}") from error
        if status in _BROKEN or (status >= 500 and status not in _REFUSED):
            raise _MayPass(
                f"{host} answered {status}: {told}", _retry_after(error.response.headers)
            ) from error
        if 300 <= status < 400:
            raise EndpointError(
                f"{host} leads elsewhere ({status}); give the address where it leads"
            ) from error
        if status == 413 or any(
            words in low for words in ("context length", "context size", "maximum context", "too long")
        ):
            raise ReplyError(f"the article is too long for {model} ({told})") from error
        if "model" in low and (
            status == 404 or "not found" in low or "does not exist" in low or "unknown model" in low
        ):
            raise EndpointError(f"{host} does not know the model {model!r}{self._others()}") from error
        if status in {404, 405}:
            raise EndpointError(
                f"{host} has no chat completions at {self.settings.url} ({status}); the address mostly ends in /v1"
            ) from error
        simpler = way.without(low) if status in _REFUSED else None
        if simpler is None:
            raise ReplyError(f"{host} refused the request ({status}: {told})") from error
        return simpler

    def _others(self) -> str:
        """Return the models that the server has, as far as it tells."""
        import openai  # noqa: PLC0415

        try:
            names = [str(model.id) for model in self._client().models.list().data]
        except (openai.OpenAIError, ReplyError, _MayPass, ValueError, TypeError, AttributeError):
            return ""
        shown = ", ".join(self._say(name) for name in names[:_MODELS])
        return f"; it has {shown}{', ...' if len(names) > _MODELS else ''}" if names else ""

    def _say(self, words: str) -> str:
        """Return a server's own words as they may be shown: without the key, on one line, short."""
        line = " ".join(self.settings.hide(words).split())
        return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _retry_after(headers: Any) -> float | None:
    """Return the pause that a server asks for, in seconds; None where it asks for none."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            return max(0.0, float(value) / unit)
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
        except (TypeError, ValueError):
            continue
    return None
