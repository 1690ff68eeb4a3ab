"""Serves the pages by waitress until it is asked to stop."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import create_server

from station.errors import StationError

if TYPE_CHECKING:
    from station.runtime.hub import Hub

_THREADS = 16
_LOOP_S = 0.25
_DRAIN_S = 0.02
_ANSWERS_S = 5.0
"""How long a stop waits for answers that are being made."""
_SAME_PRESS_S = 1.0
"""One Ctrl-C may arrive twice: from the terminal, and from what started us."""
_ENDED = (
    "jejak: ended at once by a second signal, the stop took too long; the next start "
    "checks the whole ledger.\n"
)


class PageServer:
    """The web server; its loop runs in the thread that calls ``run``."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._sockets: dict[int, Any] = {}
        self._stop_requested = False
        self._signalled_s: float | None = None

    def listen(self, app: Any, host: str, port: int, *, behind_proxy: bool) -> int:  # noqa: ANN401 - a WSGI app
        """Open the port for ``app``; 0 takes a free one.

        Returns:
            The port on which ``run`` will answer.

        Raises:
            StationError: the port is taken.
        """
        try:
            self._server = create_server(
                app,
                map=self._sockets,
                host=host,
                port=port,
                threads=_THREADS,
                channel_request_lookahead=1,
                # The server else drops what the proxy in front says of who asks, and
                # everybody would count as a person at this machine.
                clear_untrusted_proxy_headers=not behind_proxy,
                ident=None,
            )
        except OSError as error:
            wasyncore.close_all(self._sockets)
            raise StationError(
                "Expected port %(port)s to be free, got: %(reason)s; stop what "
                "uses it or choose another with --port.",
                port=port,
                reason=error.strerror,
            ) from error
        return int(self._server.effective_port)

    def run(self) -> None:
        """Serve where ``listen`` said, until ``stop`` is called."""
        while not self._stop_requested:
            wasyncore.loop(timeout=_LOOP_S, map=self._sockets, count=1)
        # Pages that wait for news are answered, so that their threads can end.
        self._hub.close()
        dispatcher = self._server.task_dispatcher
        dispatcher.set_thread_count(0)
        end_s = time.monotonic() + _ANSWERS_S
        while dispatcher.threads and time.monotonic() < end_s:
            wasyncore.loop(timeout=_DRAIN_S, map=self._sockets, count=1)
        # A thread that still works writes to the server's wake-up pipe when it is
        # done. Were the pipe closed, its number could be a file's by then, even the
        # ledger's: where a disk hangs, the end of the process closes it.
        if not dispatcher.threads:
            wasyncore.close_all(self._sockets)

    def stop(self) -> None:
        """Let ``run`` return; safe in a signal handler and from any thread.

        No lock is taken: a second signal can come in the middle of the first, and an
        Event that was being set then waited for itself for ever.
        """
        self._stop_requested = True

    def on_signal(self) -> None:
        """Stop; where a second signal comes while that takes long, end at once.

        No lock here either, so no logging: that has one.
        """
        now_s = time.monotonic()
        if self._signalled_s is None:
            self._signalled_s = now_s
        elif now_s - self._signalled_s > _SAME_PRESS_S:
            os.write(2, _ENDED.encode())
            os._exit(1)
        self.stop()
