"""Questions on the bus, as nameko's clients put them: read by our own reader, answered in nameko's own form.

A question is `{"args": […], "kwargs": {…}}` on the exchange `nameko-rpc` under `<service>.<method>`; the answer is
`{"result": …, "error": …}`. nameko's own entrypoint is not used: it dies of a malformed header, and prints what an
exception says. Whatever comes is answered, or dropped with a line in the log.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from shared.bus.broker import Asked, BusWriter, Delivery
from shared.errors import Fault, Internal, Refused, YihuError
from shared.json import parse_strict

ANSWER_BYTES = 250_000
"""The longest answer that fits into a message of the broker."""
_FORM = "nameko.exceptions"
_log = logging.getLogger(__name__)

Said = Mapping[str, Any]
Method = Callable[[Said], Any]


class Answering:
    """Answers the questions to one service.

    `methods` are functions of the arguments by name; `names` says how the arguments are called that came without one.
    """

    def __init__(self, writer: BusWriter, methods: Mapping[str, Method], names: tuple[str, ...]) -> None:
        self.writer = writer
        self.methods = methods
        self.names = names

    def handle(self, deliveries: list[Delivery]) -> None:
        """Answer questions. Raises BusUnavailable; then they come again."""
        for one in deliveries:
            if one.asked is None:
                _log.warning("a question without an address for the answer is dropped")
                continue
            self.writer.answer(one.asked, self.answer(one.asked, one.body))

    def answer(self, asked: Asked, body: bytes) -> bytes:
        """Return the answer to a question in nameko's form."""
        try:
            found = _encoded({"result": self._result(asked, body), "error": None})
            if len(found) <= ANSWER_BYTES:
                return found
            error: YihuError = _too_long()
        except YihuError as refused:
            error = refused
        except Exception as failed:  # noqa: BLE001 - whatever fails, the next question is answered
            _log.error("a question failed", exc_info=failed)
            error = Internal()
        return _encoded({"result": None, "error": _error(error)})

    def _result(self, asked: Asked, body: bytes) -> Any:
        method = self.methods.get(asked.method.rpartition(".")[2])
        if method is None:
            names = "、".join(self.methods)
            raise _Malformed("no_such_method", "", f"没有这一方法；可选：{names}。", f"The methods are: {names}.")
        said = parse_strict(body)
        if not isinstance(said, dict) or not isinstance(said.get("args"), list):
            raise _not_a_question()
        if not isinstance(said.get("kwargs"), dict) or len(said["args"]) > len(self.names):
            raise _not_a_question()
        return method(dict(zip(self.names, said["args"], strict=False)) | said["kwargs"])


class _Malformed(Refused):
    """A question that nobody could answer: nameko's clients know a kind of error for each."""

    def __init__(self, code: str, pointer: str, zh: str, en: str) -> None:
        super().__init__([Fault(code, pointer, zh, en)], 400)


def _not_a_question() -> Refused:
    zh, en = (
        "应为含 args（列表）和 kwargs（对象）的 JSON。",
        "This must be JSON with args (a list) and kwargs (an object).",
    )
    return _Malformed("not_a_question", "", zh, en)


def _too_long() -> Refused:
    zh, en = (
        "回答超过一条消息的上限，请改用 HTTP 接口。",
        "The answer is longer than a message; ask the HTTP API instead.",
    )
    return Refused([Fault("answer_too_long", "", zh, en)], 400)


def _error(error: YihuError) -> dict[str, Any]:
    """Return an error as nameko sends exceptions: never what was asked, always a code and two sentences."""
    faults = error.faults if isinstance(error, Refused) else (Fault(error.code, "", error.zh, error.en),)
    kind = "MethodNotFound" if error.code == "no_such_method" else "MalformedRequest"
    return {
        "exc_type": kind if isinstance(error, _Malformed) else error.code,
        "exc_path": f"{_FORM}.{kind}" if isinstance(error, _Malformed) else f"yihu.{error.code}",
        "exc_args": [f"{error.code}: {error.zh} {error.en}"],
        "value": {"code": error.code, "zh": error.zh, "en": error.en, "faults": [one.as_dict() for one in faults]},
    }


def _encoded(answer: dict[str, Any]) -> bytes:
    return orjson.dumps(answer)
