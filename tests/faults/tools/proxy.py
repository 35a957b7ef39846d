"""A network that can be made bad: a proxy between a client and RabbitMQ, the web's HTTP, or PostgreSQL's socket.

    with Proxy(("127.0.0.1", 5672)) as network:      # or Proxy("/path/.s.PGSQL.5432", at="/other/.s.PGSQL.5432")
        uri = f"amqp://guest:guest@127.0.0.1:{network.port}//"
        network.delay = 0.05                         # seconds before each piece goes on
        network.piece = 1                            # at most so many bytes in a piece
        network.swallow = True                       # take everything, pass on nothing
        network.closed = True                        # whoever connects is cut off at once
        network.cut()                                # end every connection in order
        network.reset()                              # end them by RST, as a crashed host does
        network.cut_after(b"COMMIT")                 # the next time a client says this, it arrives, the answer does not

All of it can be changed while connections are open, and counts for them too. `connections` counts all there were.
"""

import os
import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

Address = tuple[str, int] | str
"""Host and port, or the path of a unix socket."""
CHUNK = 65_536


class Proxy:
    """Passes bytes between whoever connects here and one server, as well or badly as it is told."""

    def __init__(self, to: Address, *, at: str = "") -> None:
        self.delay = 0.0
        self.piece = CHUNK
        self.swallow = False
        self.closed = False
        self.connections = 0
        self.cuts = 0
        self._to = to
        self._watched = b""
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        if at:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(at)
            Path(at).chmod(0o700)
            self._listener.listen(100)
        else:
            self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    @property
    def port(self) -> int:
        """Where clients connect, on 127.0.0.1."""
        return int(self._listener.getsockname()[1])

    def cut(self) -> None:
        """End every connection, on both sides."""
        with self._lock:
            open_now, self._open = self._open, set()
        for one in open_now:
            _end(one)

    def reset(self) -> None:
        """End every connection by RST: what was under way is gone, and the other side gets an error."""
        with self._lock:
            for one in self._open:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            open_now, self._open = self._open, set()
        for one in open_now:
            one.close()

    def cut_after(self, words: bytes) -> None:
        """Once, when a client's bytes hold this: pass them on, wait for the answer, keep it, and end the connection."""
        self._watched = words

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            server = _connected(self._to)
        except OSError:
            client.close()
            return
        if self.closed:
            _end(client, server)
            return
        with self._lock:
            self._open |= {client, server}
        answer = threading.Event()  # set: what the server says next is the answer that is kept
        threading.Thread(target=self._pump, args=(client, server, answer, True), daemon=True).start()
        threading.Thread(target=self._pump, args=(server, client, answer, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answer: threading.Event, from_client: bool) -> None:
        with suppress(OSError, ValueError):
            while data := source.recv(CHUNK):
                if from_client:
                    self._watch(data, answer)
                elif answer.is_set():
                    self.cuts += 1
                    break
                self._pass(data, sink)
        with self._lock:
            self._open -= {source, sink}
        _end(source, sink)

    def _watch(self, data: bytes, answer: threading.Event) -> None:
        with self._lock:
            if self._watched and self._watched in data:
                self._watched = b""
                answer.set()

    def _pass(self, data: bytes, sink: socket.socket) -> None:
        while data and not self.swallow:
            piece, data = data[: self.piece], data[self.piece :]
            if self.delay:
                time.sleep(self.delay)
            sink.sendall(piece)


def _connected(to: Address) -> socket.socket:
    if isinstance(to, str):
        server = socket.socket(socket.AF_UNIX)
        server.connect(os.fspath(to))
        return server
    server = socket.create_connection(to, timeout=5)
    server.settimeout(None)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)  # wakes whoever reads from it
        with suppress(OSError):
            one.close()
