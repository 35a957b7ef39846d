"""What every way in has in common, whatever carries it: from a parcel as it arrived to an answer for each event.

`shared/door/http.py` and `shared/door/amqp.py` only say what a parcel is where they are, and send the answers back.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.door.department import Answer, Department
from shared.errors import Fault, Refused
from shared.json import canonical, parse_each, parse_strict
from shared.language.envelope import BATCHED, STRUCTURED, is_json

EVENT_BYTES = 256 * 1024
BATCH_BYTES = 4 * 1024 * 1024
BATCH_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a sender handed in at once: a body and what is said about it.

    `attributes` gives those that came beside the body, in binary mode only. Neither is asked for before it is needed.
    """

    media_type: str
    charset: str
    coding: str
    body: Callable[[], bytes]
    attributes: Callable[[], dict[str, Any]] | None = None

    @property
    def batched(self) -> bool:
        """Whether it holds several events, and wants a list of answers."""
        return self.media_type == BATCHED


def submissions_in(parcel: Parcel) -> list[Any]:
    """Return the submissions of a parcel, a Refused in the place of one that cannot be read.

    Raises Refused for a parcel that is none.
    """
    if parcel.charset.lower() not in {"", "utf-8", "utf8"}:
        raise Refused([_fault("charset", "内容须为 UTF-8 编码。", "The body must be UTF-8.")], 415)
    if parcel.coding.strip().lower() not in {"", "identity"}:
        raise Refused([_fault("content_encoding", "不接受压缩的内容。", "A compressed body is not accepted.")], 415)
    if parcel.batched:
        return _batch(_body(parcel, BATCH_BYTES))
    if parcel.media_type == STRUCTURED:
        return [parse_strict(_body(parcel, EVENT_BYTES))]
    if is_json(parcel.media_type) and parcel.attributes is not None:
        return [_binary(parcel.attributes(), parcel)]
    fault = _fault(
        "content_type",
        f"Content-Type 须为 {STRUCTURED}、{BATCHED}，或二进制模式的 JSON（带 ce- 头）。",
        f"Content-Type must be {STRUCTURED}, {BATCHED}, or JSON in binary mode (ce- headers).",
    )
    raise Refused([fault], 415)


def take_in(
    department: Department, sources: Collection[str], submissions: Sequence[Any], *, judge_only: bool = False
) -> list[Answer]:
    """Hand on what could be read and what is of one of these sources; answer each submission, in order.

    With `judge_only` nothing is recorded, and each answer is what the submission would have got.
    """
    barred = [_barred(submission, sources) for submission in submissions]
    handed_on = [one for one, refused in zip(submissions, barred, strict=True) if refused is None]
    answers = iter(department.receive_all(handed_on, judge_only=judge_only) if handed_on else ())
    return [next(answers) if refused is None else Answer(refused=refused) for refused in barred]


def as_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as one of a batch's."""
    if answer.refused is not None:
        return {"status": int(answer.refused.status), "problem": as_problem(answer.refused)}
    return {"status": 201 if answer.new else 200, "receipt": answer.receipt}


def as_problem(error: Refused) -> dict[str, Any]:
    """Return a refusal as the object of a problem+json."""
    return {
        "type": f"urn:yihu:problem:{error.code}",
        "title": error.en,
        "status": int(error.status),
        "code": error.code,
        "zh": error.zh,
        "retry": error.status in {429, 503},
        "errors": [fault.as_dict() for fault in error.faults],
    }


def _fault(code: str, zh: str, en: str) -> Fault:
    return Fault(code, "", zh, en)


def _barred(submission: Any, sources: Collection[str]) -> Refused | None:
    if isinstance(submission, Refused):  # it could not be read
        return submission
    named = submission.get("source") if isinstance(submission, dict) else None
    if not isinstance(named, str) or named.strip() in sources:
        return None
    fault = Fault("other_source", "/source", "此密钥不能以该来源报送。", "This key may not report as this source.")
    return Refused([fault], 403)


def _batch(raw: bytes) -> list[Any]:
    events = _items(raw)
    if events is None or not 1 <= len(events) <= BATCH_EVENTS:
        zh, en = (
            f"批量报送须为 1 到 {BATCH_EVENTS} 个事件的数组。",
            f"A batch is an array of 1 to {BATCH_EVENTS} events.",
        )
        raise Refused([_fault("batch_size", zh, en)])
    return events


def _items(raw: bytes) -> list[Any] | None:
    """Return the events of a batch, a Refused in the place of one that cannot be read; None if it is no array."""
    items = parse_each(raw)
    if items is None or len(raw) <= EVENT_BYTES:
        return items
    return [
        item if isinstance(item, Refused) or len(canonical(item)) <= EVENT_BYTES else _too_large() for item in items
    ]


def _too_large(longest: int = EVENT_BYTES) -> Refused:
    return Refused([Fault("too_large", "", f"内容超过 {longest} 字节。", f"This exceeds {longest} bytes.")], 413)


def _binary(submission: dict[str, Any], parcel: Parcel) -> dict[str, Any]:
    """Read CloudEvents binary mode: the attributes came beside the body, which is the data alone."""
    if "data" in submission:
        raise Refused([_fault("ce_data", "内容放在正文，不放在 data 头。", "The data is the body, not a header.")], 400)
    raw = _body(parcel, EVENT_BYTES)
    try:
        submission["data"] = parse_strict(raw)
    except Refused as refused:
        raise Refused([replace(fault, pointer=f"/data{fault.pointer}") for fault in refused.faults], 400) from None
    return submission


def _body(parcel: Parcel, longest: int) -> bytes:
    raw = parcel.body()
    if len(raw) > longest:
        raise _too_large(longest)
    if not raw:
        raise Refused([Fault("empty", "", "请求没有内容。", "The request has no body.")], 400)
    return raw
