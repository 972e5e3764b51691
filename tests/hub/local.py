"""The local Hub, started and stopped."""

from __future__ import annotations

import socket
import threading
import time
from typing import Self

import uvicorn

from tests.hub.repo import Repo
from tests.hub.server import Routes
from tests.hub.state import Hub

START_SECONDS = 20.0


class LocalHub:
    """A context manager around a running Hub on 127.0.0.1 and a free port.

    Large files are served under the name ``localhost``, so that the client sees another host, as it does on the
    real Hub.
    """

    def __init__(self) -> None:
        self.hub = Hub()
        self._socket = socket.create_server(("127.0.0.1", 0))
        # Accepted connections inherit it; without it each answer waits 40 ms for a delayed acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port: int = self._socket.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(Routes(self.hub).app(), log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def add(self, repo: Repo) -> Repo:
        """Put a repo on the Hub."""
        return self.hub.add(repo)

    def __enter__(self) -> Self:
        """Start, and wait until requests are answered.

        Raises:
            TimeoutError: The server did not start.
        """
        self._thread.start()
        until = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > until:
                raise TimeoutError(f"the local Hub did not start within {START_SECONDS:.0f} s")
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and free the port."""
        self._server.should_exit = True
        self._thread.join(timeout=START_SECONDS)
        self._socket.close()
