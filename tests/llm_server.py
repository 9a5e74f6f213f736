"""A small server that speaks OpenAI's chat protocol, well or badly, on this computer alone.

`answers` are taken one by one, each for one request; when they are used up, `model` answers. An answer is a `Said`, or a function that writes the
reply by hand.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

FENCE = re.compile(r"\[(\w+) ARTICLE BEGINS\]\n(.*)\n\[\1 ARTICLE ENDS\]", re.DOTALL)


@dataclass
class Said:
    """What the server says to one request."""

    text: str = '{"events": []}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: str = ""  # with a status: the message of the error
    finish: str | None = "stop"
    usage: bool = True
    wait: float = 0.0  # seconds before it says anything
    break_after: int | None = None  # characters of the stream after which the connection drops
    error_after: int | None = None  # characters of the stream after which an error event comes
    garbage: bool = False  # an event of the stream that is no JSON
    drip: float = 0.0  # seconds between pieces
    endless: bool = False
    hum: bool = False  # comments without an end, in a stream; without one, spaces before the answer
    packed: bool = False  # with gzip, unasked


def article_of(body: dict[str, Any]) -> str:
    """Return the text of the article that a request asks about."""
    for message in reversed(body["messages"]):
        found = FENCE.search(message["content"])
        if found:
            return found.group(2)
    return ""


class Server:
    """The server; `requests` are the bodies that came, `seen` their headers."""

    def __init__(self, model: Callable[[str], list[dict[str, Any]]] | None = None, **limits: bool) -> None:
        self.model = model or (lambda _text: [])
        self.answers: deque[Said] = deque()
        self.requests: list[dict[str, Any]] = []
        self.seen: list[dict[str, str]] = []
        self.knows_schema = limits.get("knows_schema", True)
        self.knows_object = limits.get("knows_object", True)
        self.knows_stream = limits.get("knows_stream", True)
        self.knows_usage = limits.get("knows_usage", True)
        self.hummed = 0  # bytes
        self.models = ["small-model", "large-model"]
        self.closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def refusal(self, body: dict[str, Any]) -> Said | None:
        kind = body.get("response_format", {}).get("type")
        if body["model"] not in self.models:
            return Said(status=404, error=f"The model `{body['model']}` does not exist")
        if kind == "json_schema" and not self.knows_schema:
            return Said(status=400, error="response_format.type must be one of: text, json_object")
        if kind == "json_object" and not self.knows_object:
            return Said(status=400, error="Unrecognized request argument supplied: response_format")
        if body.get("stream_options") and not self.knows_usage:
            return Said(status=400, error="Unknown parameter: stream_options")
        if body.get("stream") and not self.knows_stream:
            return Said(status=400, error="stream is not supported")
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (ConnectionError, TimeoutError):
                    self.close_connection = True

            def do_GET(self) -> None:
                self._json(
                    200,
                    {
                        "object": "list",
                        "data": [
                            {"id": m, "object": "model", "created": 0, "owned_by": "us"}
                            for m in server.models
                        ],
                    },
                    {},
                )

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(body)
                server.seen.append({name.lower(): told for name, told in self.headers.items()})
                said = server.refusal(body)
                if said is None and server.answers:
                    said = server.answers.popleft()
                if said is None:
                    said = Said(json.dumps({"events": server.model(article_of(body))}, ensure_ascii=False))
                if said.wait:
                    server.closing.wait(said.wait)
                if said.packed or said.hum:
                    self._misbehave(said, streamed=bool(body.get("stream")))
                elif said.status != 200:
                    error = {"error": {"message": said.error, "type": "error", "code": None}}
                    self._json(said.status, error, said.headers)
                elif body.get("stream"):
                    self._stream(body, said)
                else:
                    message = {"role": "assistant", "content": said.text}
                    choice = {"index": 0, "message": message, "finish_reason": said.finish}
                    self._json(
                        200,
                        self._envelope(body, "chat.completion")
                        | {"choices": [choice], "usage": self._usage(body, said)},
                        {},
                    )

            def _misbehave(self, said: Said, *, streamed: bool) -> None:
                """Send what no client should read to its end."""
                self.send_response(said.status)
                self.send_header("Content-Type", "text/event-stream" if streamed else "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                if said.packed:
                    self.send_header("Content-Encoding", "gzip")
                self.end_headers()
                if said.packed:
                    self._send(gzip.compress(b" " * 50_000_000))
                piece = (b": working\n\n" if streamed else b" " * 12) * 2_000
                while said.hum and not server.closing.wait(said.drip):
                    self._send(piece)
                    server.hummed += len(piece)
                self._send(b"")

            @staticmethod
            def _envelope(body: dict[str, Any], kind: str) -> dict[str, Any]:
                return {"id": "x", "object": kind, "created": 0, "model": body["model"]}

            @staticmethod
            def _usage(body: dict[str, Any], said: Said) -> dict[str, int] | None:
                if not said.usage:
                    return None
                sent = sum(len(m["content"]) for m in body["messages"]) // 4
                made = len(said.text) // 4
                return {"prompt_tokens": sent, "completion_tokens": made, "total_tokens": sent + made}

            def _json(self, status: int, value: Any, headers: dict[str, str]) -> None:
                data = json.dumps(value).encode()
                self.send_response(status)
                for name, told in headers.items():
                    self.send_header(name, told)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def _stream(self, body: dict[str, Any], said: Said) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                step, at = 40, 0
                while at < len(said.text) or said.endless:
                    piece = said.text[at : at + step] if not said.endless else said.text
                    if said.break_after is not None and at >= said.break_after:
                        self.close_connection = True
                        self.connection.close()
                        return
                    if said.error_after is not None and at >= said.error_after:
                        self._event({"error": {"message": "the engine crashed", "type": "server_error"}})
                        break
                    if said.garbage and at >= step:
                        self._send(b"data: {no json\n\n")
                    self._delta(body, {"role": "assistant", "content": piece}, None)
                    at += step
                    if said.drip and server.closing.wait(said.drip):
                        return
                self._delta(body, {}, said.finish)
                if body.get("stream_options") and said.usage:
                    self._event(
                        self._envelope(body, "chat.completion.chunk")
                        | {"choices": [], "usage": self._usage(body, said)}
                    )
                self._send(b"data: [DONE]\n\n")
                self._send(b"")

            def _delta(self, body: dict[str, Any], delta: dict[str, str], finish: str | None) -> None:
                choice = {"index": 0, "delta": delta, "finish_reason": finish}
                self._event(self._envelope(body, "chat.completion.chunk") | {"choices": [choice]})

            def _event(self, value: Any) -> None:
                self._send(b"data: " + json.dumps(value).encode() + b"\n\n")

            def _send(self, data: bytes) -> None:
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                self.wfile.flush()

        return Handler


class Echo:
    """A model that reads as our own rules do, but misses every fourth act and takes every fifth for another type.

    Which ones follows from the words alone, so that a test can tell beforehand. `wait` is how long it thinks.
    """

    def __init__(self, wait: float = 0.0) -> None:
        from events.extract import RuleExtractor

        self.rules = RuleExtractor()
        self.wait = wait
        self.published = "2024-01-01"
        self._guard = threading.Lock()

    def __call__(self, text: str) -> list[dict[str, Any]]:
        from events.schema import Article

        title, _, body = text.partition("\n")
        time.sleep(self.wait)
        with self._guard:
            reports = self.rules.reports(Article.of(body, title=title, published=self.published))
        return [
            self.turned(told)
            for report in reports
            if (told := self.told(text, report)) and self.lot(told) % 4
        ]

    @staticmethod
    def lot(told: dict[str, Any]) -> int:
        return int(
            hashlib.blake2b((told["sentence"] + told["event_type"]).encode(), digest_size=2).hexdigest(), 16
        )

    def turned(self, told: dict[str, Any]) -> dict[str, Any]:
        if self.lot(told) % 5 == 0:
            return told | {
                "event_type": "CONSULT" if told["event_type"] != "CONSULT" else "AGREE",
                "mode": None,
            }
        return told

    @staticmethod
    def told(text: str, report: Any) -> dict[str, Any]:
        def words(name: str) -> str | None:
            spans = report.evidence.get(name, ())
            return spans[0].text if spans else None

        return {
            "sentence": report.sentence.text,
            "source": report.source,
            "source_words": words("source"),
            "target": report.target,
            "target_words": words("target"),
            "symmetric": report.symmetric,
            "event_type": report.event_type,
            "mode": report.mode,
            "event_type_words": words("event_type"),
            "status": report.status if words("status") else "occurred",
            "status_words": words("status"),
            "date_words": words("date") if report.date_basis == "text" else None,
            "planned_for_words": None,
            "place_words": words("place"),
            "actors": [
                {"name_words": text[a.start : a.end], "role_words": None, "side": a.side}
                for a in report.actors
            ],
            "issues": [{"domain": i.domain, "words": text[i.start : i.end]} for i in report.issues],
            "quantities": [],
            "attributed_to": None,
            "attributed_to_words": None,
        }
