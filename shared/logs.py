"""Process logs that hold no personal value: an exception is logged by type and place, never by its message."""

import logging
import sys
import threading
import traceback
from types import TracebackType

from shared.errors import YihuError

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlainFormatter(logging.Formatter):
    """One line for each record; of an exception only its type, its code if it is ours, and the frames."""

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - the library's name
        """Return type and frames of an exception."""
        kind, error, trace = ei
        if kind is None:
            return ""
        frames = " < ".join(f"{frame.name} {frame.lineno}" for frame in reversed(traceback.extract_tb(trace)))
        return f"  {kind.__name__} {getattr(error, 'code', '')} at {frames}"

    def formatStack(self, stack_info: str) -> str:  # noqa: ARG002, N802 - a stack may show values
        """Leave stacks out."""
        return ""


def start_logging(level: int = logging.INFO) -> None:
    """Send all logging of this process to stderr in the plain format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    sys.excepthook = _ended
    threading.excepthook = lambda args: _ended(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _ended(args.exc_type, args.exc_value, args.exc_traceback)
    # Third parties put arguments and bodies into their messages; only their warnings and errors are wanted, and of
    # these the libraries below write message bodies or exception texts.
    for name in ("kombu", "amqp", "nameko", "psycopg", "psycopg.pool", "waitress", "werkzeug"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in ("nameko.containers", "kombu.mixins", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _ended(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Log what ended a process or thread as every other exception; only our own errors have sentences to show."""
    if isinstance(error, YihuError):
        logging.getLogger(__name__).critical("ended by %s: %s %s", error.code, error.zh, error.en)
    elif error is not None:
        logging.getLogger(__name__).critical("ended by an error", exc_info=(kind, error, trace))
