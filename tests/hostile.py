"""A web server of our own that misbehaves on order, on a free port of the loopback; each path is one kind of trouble."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = bytes | Callable[[socket.socket, str], None]
"""The bytes of a whole answer, or a function that writes to the connection and sees the head of the request."""


def reply(body: bytes = b"", *, status: str = "200 OK", length: int | None = None, **headers: str) -> bytes:
    """Return a whole answer; `content_type="x"` becomes a header Content-Type."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Server:
    """Answers by path; keeps the request heads that it saw."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.stopped = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def allowed(self) -> tuple[tuple[str, int]]:
        """What a fetcher must be told to be let in."""
        return (("127.0.0.1", self.port),)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [head.split(" ", 2)[1] for head in self.seen]

    def _serve(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            words = head.decode("latin-1")
            self.seen.append(words)
            path = words.split(" ", 2)[1]
            answer = self.answers.get(path, reply(b"not here", status="404 Not Found"))
            if isinstance(answer, bytes):
                connection.sendall(answer)
            else:
                answer(connection, words)

    def close(self) -> None:
        self.stopped.set()
        self._socket.close()


@contextmanager
def hostile() -> Iterator[Server]:
    server = Server()
    try:
        yield server
    finally:
        server.close()


def trickle(head: bytes, piece: bytes, pause: float, seconds: float = 15) -> Answer:
    """Send the head at once, and then a piece after each pause, for so long."""

    def write(connection: socket.socket, _: str) -> None:
        connection.sendall(head)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection.sendall(piece)
            time.sleep(pause)

    return write
