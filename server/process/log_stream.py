"""Writes the log to stderr. It never raises and never blocks: lines that cannot be written are dropped and counted."""

import json
import os
import select
import stat
import sys
from typing import TextIO

LOST = "Lines of the log could not be written. They are lost."
_CHUNK = select.PIPE_BUF  # bytes that a pipe takes as a whole if it is writable


class LogStream:
    """A text stream over a file descriptor. Without one, as after `2>&-`, it drops everything."""

    def __init__(self, stream: TextIO | None) -> None:
        self._descriptor = None if stream is None else _without_blocking(stream.fileno())
        self.is_terminal = stream is not None and stream.isatty()
        self._lost_lines = 0

    @classmethod
    def stderr(cls) -> "LogStream":
        return cls(sys.stderr)

    def write(self, text: str) -> int:
        notice = json.dumps({"event": LOST, "lines": self._lost_lines}) + "\n" if self._lost_lines else ""
        if self._descriptor is None or self._write(self._descriptor, (notice + text).encode(errors="replace")):
            self._lost_lines = 0
        else:
            self._lost_lines += 1
        return len(text)

    def flush(self) -> None:
        """Do nothing: no byte is buffered. A logger calls it after each line."""

    def _write(self, descriptor: int, data: bytes) -> bool:
        """Return whether all bytes were written."""
        try:
            while data:
                if not is_writable(descriptor):
                    return False
                data = data[os.write(descriptor, data[:_CHUNK]) :]
        except OSError:  # a closed pipe, a full disk; BlockingIOError: another process was faster
            return False
        return True


def is_writable(descriptor: int) -> bool:
    """Return whether a small write does not block."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))


def _without_blocking(descriptor: int) -> int:
    """Return a descriptor of the same pipe that does not block. Returns the descriptor itself if there is none.

    Several processes share a pipe, so one could fill it between another's check and write. The mode of the descriptor
    itself must not change: the processes that share it, such as a shell, expect it to block.
    """
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # no /proc, or a pipe of another user
        pass
    return descriptor
