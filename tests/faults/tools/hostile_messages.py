"""Hostile AMQP messages, drawn from a seed: really signed messages with one thing spoiled, and signed nonsense.

Each says what must become of it once the broker has taken it: put aside for a reason, or ignored. No body comes twice,
so that each can be looked up in the quarantine.
"""

import base64
import bz2
import gzip
import json
import pickle
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import amqp

from shared.bus.broker import LOG_HEADER, SIGNATURE_HEADER
from shared.json import canonical
from shared.keys.files import Keys
from shared.keys.signing import message_digest

Fate = tuple[str, str] | None
IGNORED: Fate = None
LARGEST = 256 * 1024
"""The largest message that the broker takes."""
CANARY = "CANARY张三的孩子小明"
BOMBS: dict[str, Callable[[bytes], bytes]] = {"x-gzip": gzip.compress, "x-bz2": bz2.compress, "x-zlib": zlib.compress}
BOMB = 50_000_000
"""How large a small message becomes for who unpacks it."""
HEADERS, CONTENT_TYPE, CONTENT_ENCODING = 0x2000, 0x8000, 0x4000


@dataclass(frozen=True)
class Hostile:
    """A message: `fates` are what may become of it, `also` a record that is put aside instead of the whole message."""

    name: str
    body: bytes
    properties: bytes
    fates: tuple[Fate, ...]
    also: bytes = b""
    refused: bool = False
    """Whether the broker may refuse it."""


class RawMessage(amqp.Message):
    """A message whose properties are sent as they are."""

    def __init__(self, hostile: Hostile) -> None:
        super().__init__(hostile.body)
        self.raw = hostile.properties

    def _serialize_properties(self) -> bytes:
        return self.raw


class Messages:
    """Draws hostile messages. `received` are records of each log, by position, that the family case has received."""

    def __init__(self, rng: random.Random, keys: Keys, received: dict[str, dict[int, dict[str, Any]]]) -> None:
        self.rng, self.keys, self.received = rng, keys, received
        self.signers = {log: keys.signer(log) for log in received}
        self.number = 0

    def draw(self, number: int) -> Iterator[Hostile]:
        """Yield so many messages; every kind of mutation in turn."""
        makers: list[Callable[[], Hostile]] = [
            self.flipped, self.forged, self.log_header, self.nonsense, self.header_type, self.more_headers,
            self.flipped, self.encoding, self.nonsense, self.size, self.misplaced, self.properties,
        ]  # fmt: skip
        for self.number in range(number):
            yield makers[self.number % len(makers)]()

    # -- one thing spoiled

    def flipped(self) -> Hostile:
        """Change, cut or lengthen the body of a signed message."""
        log, body = self._genuine()
        at = self.rng.randrange(len(body))
        change = self.rng.choice(["bit", "cut", "longer", "inside"])
        spoiled = {
            "bit": body[:at] + bytes([body[at] ^ 1 << self.rng.randrange(8)]) + body[at + 1 :],
            "cut": body[:at],
            "longer": body + self.rng.choice([b" ", b"\x00", b"[]", CANARY.encode()]),
            "inside": body[:at] + CANARY.encode() + body[at:],
        }[change]
        return Hostile(f"body: {change}", spoiled, self._signed(log, body), (_unsigned(log),))

    def forged(self) -> Hostile:
        """Change, cut, swap or leave out the signature."""
        log, body = self._genuine()
        good = self._sign(log, body)
        at, other = self.rng.randrange(len(good)), self.rng.choice([name for name in self.received if name != log])
        signature: bytes = self.rng.choice([
            base64.b64encode(good[:at] + bytes([good[at] ^ 1 << self.rng.randrange(8)]) + good[at + 1 :]),
            base64.b64encode(self.rng.choice([good[:at], good + b"\x00", b"", good * 50])),
            base64.b64encode(self._sign(other, body)),
            good.hex().encode(),
            base64.b64encode(good) + self.rng.choice([b"\n", b"=", b" ", CANARY.encode()]),
            CANARY.encode(),
        ])  # fmt: skip
        found = properties({LOG_HEADER: text(self._name(log)), SIGNATURE_HEADER: text(signature)})
        if self.rng.random() < 0.2:
            found = properties({LOG_HEADER: text(self._name(log))})
        return Hostile("signature", body, found, (_unsigned(log),))

    def log_header(self) -> Hostile:
        """Say another log, or one that there is not."""
        log, body = self._genuine()
        name, other = self._name(log), self.rng.choice([other for other in self.received if other != log])
        signature = {SIGNATURE_HEADER: text(base64.b64encode(self._sign(log, body)))}
        if self.rng.random() < 0.3:
            headers = {LOG_HEADER: text(self._name(other))} | signature
            return Hostile("another log", body, properties(headers), (_unsigned(other),))
        names = [f"{name} ", name.upper(), CANARY, "", log, f"{name}\x00", "yihu/family_case", name * 40_000, "\u202e"]
        headers = signature | ({LOG_HEADER: text(self.rng.choice(names)[:LARGEST])} if self.rng.random() < 0.9 else {})
        return Hostile("unknown log", body, properties(headers), (UNKNOWN,), refused=True)

    def header_type(self) -> Hostile:
        """Give one of our headers another type."""
        log, body = self._genuine()
        value = self.rng.choice([*self._values(), b"S" + struct.pack(">I", 3) + b"\xff\xfe\xc3"])
        name, signature = text(self._name(log)), text(base64.b64encode(self._sign(log, body)))
        if self.rng.random() < 0.5:
            found = properties({LOG_HEADER: value, SIGNATURE_HEADER: signature})
            return Hostile(f"log of type {value[:1]!r}", body, found, (UNKNOWN,), refused=True)
        found = properties({LOG_HEADER: name, SIGNATURE_HEADER: value})
        # what the library cannot read at all costs the message all its headers
        return Hostile(f"signature of type {value[:1]!r}", body, found, (_unsigned(log), UNKNOWN), refused=True)

    def more_headers(self) -> Hostile:
        """Add headers to a message that was received long ago: they change nothing, or make all headers unreadable."""
        log, body = self._genuine()
        names = ["nameko.call_id_stack", "nameko.language", "nameko.user_id", "compression", "x-death", "CC", "BCC"]
        names += ["x-delivery-count", "x-first-death-queue", CANARY, "", "x" * 255]
        name, value = self.rng.choice(names), self.rng.choice([*self._values(), text("application/x-gzip"), text("7")])
        signed = self._headers(log, body)
        return Hostile(f"header {name:.20}", body, properties(signed | {name: value}), (IGNORED, UNKNOWN), refused=True)

    def encoding(self) -> Hostile:
        """Say that the body is of some other type or encoding, or let it be."""
        log, body = self._genuine()
        kinds = ["application/x-python-serialize", "application/x-yaml", "application/x-msgpack", CANARY, "", "x" * 255]
        codecs = ["punycode", "utf-16", "rot13", "klingon", "idna", "utf-7", "unicode_escape", "zip", CANARY, "x" * 255]
        says = {"kind": self.rng.choice(kinds), "encoding": self.rng.choice(codecs)}
        if self.rng.random() < 0.3:
            return Hostile(f"{says}", body, properties(self._headers(log, body), **says), (IGNORED,))
        unique, kind = b"%d" % self.number, self.rng.choice([*BOMBS, "x-python-serialize", "x-yaml", "json"])
        if kind in BOMBS:
            body = BOMBS[kind](unique + b"\x00" * BOMB)
        elif kind == "json":  # hardly to be read as what it is said to be: that takes the square of its length
            body, says["encoding"] = b"a-" + b"99" * 100_000 + unique, "punycode"
        else:
            body = (
                pickle.dumps(CANARY) + unique if kind != "x-yaml" else b"!!python/object/apply:os.abort [] #" + unique
            )
        headers = {"compression": text(f"application/{kind}")} if kind in BOMBS else {}
        found = properties(headers, kind=f"application/{kind}", encoding=says["encoding"])
        return Hostile(f"{kind} {says['encoding']:.20}", body, found, (UNKNOWN,))

    def nonsense(self) -> Hostile:
        """Sign what is no batch: not JSON, no list, no records, no positions."""
        log, genuine = self._genuine()
        record = self._record(log, 10**6)
        wrong = self.rng.choice([None, [], {}, 1.5, True, "", CANARY, {"a": [CANARY]}, [CANARY], -1])
        name = self.rng.choice(["stream", "streamversion", "data", "id", "source", "type", "time", "recordedtime"])
        if isinstance(wrong, {"streamversion": int, "data": dict}.get(name, str)):
            wrong = None
        lacking = name if name != "stream" else "data"  # a stream may follow from the rest
        sequence = self.rng.choice(
            [-1, 0, 1, "0", "-1", "1.0", "01", " 1", "１", "1_0", "9" * 30, None, [], True, CANARY]
        )
        deep = self.rng.choice([900, 100_000])
        bodies: list[bytes] = [
            self.rng.choice(
                [b"", b"null", b"7", b'"x"', b"{}", b'{"a":1}', b"[1]", b"[null]", b"[[]]", b"[{}]", b"\xff"]
            ),
            genuine.rstrip()[:-1],
            genuine + genuine,
            b"[" * deep + b"]" * deep,
            b'[{"sequence":"1","data":' + b"[" * deep + b"]" * deep + b"}]",
            _json([record | {"sequence": sequence}]),
            _json([record | {name: wrong}]),
            _json([{key: value for key, value in record.items() if key != lacking}]),
            _json([record | {name: wrong}, self._record(log, 1)]),
            b"\xef\xbb\xbf" + genuine,
            genuine.decode().encode("utf-16"),
            self.rng.randbytes(self.rng.randrange(1, 2_000)),
            pickle.dumps([record]),
        ]
        body = self.rng.choice(bodies) + b" " * self.number
        return Hostile(f"signed nonsense: {body[:60]!r}", body, self._signed(log, body), ((log, "not_readable"),))

    def misplaced(self) -> Hostile:
        """Sign a batch of good shape that says something else than before, nothing new, or what is far ahead."""
        log = self.rng.choice(list(self.received))
        at = self.rng.choice(list(self.received[log]))
        far = self.rng.choice([10**4, 10**9, 2**63 - 1, 10**19 - 1])
        strange = {"type": "education.nobody_knows", "data": {CANARY: [self.number]}}
        changed = self._record(log, at) | self.rng.choice(
            [strange, {"data": {CANARY: self.number}}, {"id": f"x{self.number}"}]
        )
        ahead = self._record(log, far) | self.rng.choice([strange, {}, {"persons": CANARY}, {"time": CANARY}])
        same = [self._record(log, at)] * self.rng.choice([1, 3, 90])
        batch, also = self.rng.choice(
            [([changed], changed), ([ahead], {}), (same, {}), ([*same, ahead, *same], {}), ([], {})]
        )
        body = _json(batch) + b" " * self.number
        exact = canonical({name: value for name, value in also.items() if name != "sequence"}) if also else b""
        return Hostile(f"signed {log} {body[:60]!r}", body, self._signed(log, body), (IGNORED,), exact)

    def size(self) -> Hostile:
        """Be as large as the broker allows, larger, or very small."""
        log, genuine = self._genuine()
        length = self.rng.choice([1, 2, 100, 130_000, LARGEST - 1, LARGEST, LARGEST + 1, LARGEST * 2])
        body = (b"%d" % self.number + self.rng.randbytes(length))[:length]
        if self.rng.random() < 0.5:
            return Hostile(f"{length} bytes", body, properties({}), (UNKNOWN,), refused=length > LARGEST)
        body = genuine + b" " * max(length - len(genuine), 0)
        return Hostile(
            f"{len(body)} bytes, signed", body, self._signed(log, body), (IGNORED,), refused=len(body) > LARGEST
        )

    def properties(self) -> Hostile:
        """Send properties that are none: random flags, random bytes, letters that are no UTF-8, odd values."""
        log, body = self._genuine()
        noise = self.rng.randbytes(self.rng.randrange(2, 200))
        good = self._signed(log, body)
        latin = struct.pack(">H", CONTENT_TYPE | HEADERS) + b"\x02\xff\xfe" + good[2:]
        table = struct.pack(">HI", HEADERS, self.rng.choice([0, 5, 2**31, 2**32 - 1])) + noise[:20]
        options = [
            noise,
            b"\xff\xff" + noise,
            good[: self.rng.randrange(2, len(good))],
            latin,
            table,
            b"\x00\x01\x00\x00",
            b"\x00\x00",
        ]
        return Hostile("properties", body, self.rng.choice(options), (UNKNOWN, IGNORED), refused=True)

    # -- helpers

    def _name(self, log: str) -> str:
        return self.signers[log].name

    def _sign(self, log: str, body: bytes) -> bytes:
        return self.signers[log].sign(message_digest(self._name(log), body))

    def _headers(self, log: str, body: bytes) -> dict[str, bytes]:
        signature = base64.b64encode(self._sign(log, body))
        return {LOG_HEADER: text(self._name(log)), SIGNATURE_HEADER: text(signature)}

    def _signed(self, log: str, body: bytes) -> bytes:
        return properties(self._headers(log, body))

    def _record(self, log: str, position: int) -> dict[str, Any]:
        """Return a record that the log has, at a place of our choice."""
        known = self.received[log]
        return {"sequence": str(position)} | known.get(position, known[min(known)])

    def _genuine(self) -> tuple[str, bytes]:
        """Return a log and a batch of it that is as good as any, received before, and not equal to another."""
        log = self.rng.choice(list(self.received))
        positions = self.rng.sample(sorted(self.received[log]), min(3, len(self.received[log])))
        return log, _json([self._record(log, position) for position in positions]) + b" " * self.number

    def _values(self) -> list[bytes]:
        """Return a header value of each type that AMQP knows, and of some that it does not."""
        word, rng = CANARY.encode(), self.rng
        deep = b""
        for _ in range(rng.choice([3, 300, 480, 950, 5_000])):
            deep = b"F" + struct.pack(">I", len(deep) + 2) + b"\x01a" + deep if deep else b"V"
        letters = {
            "t": 1,
            "b": 1,
            "B": 1,
            "s": 2,
            "u": 2,
            "U": 2,
            "i": 4,
            "I": 4,
            "l": 8,
            "L": 8,
            "f": 4,
            "d": 8,
            "D": 5,
        }
        letters |= {"T": 8, "V": 0, "Z": 3, "\x00": 0, "\xff": 9}
        some = [letter.encode("latin-1") + rng.randbytes(size) for letter, size in letters.items()]
        texts = [kind + struct.pack(">I", len(word)) + word for kind in (b"S", b"x")]
        array = b"A" + struct.pack(">I", len(b"".join(texts))) + b"".join(texts)
        return [*some, *texts, array, deep, b"F" + table({CANARY: texts[0], "b": array}), b"S\xff\xff\xff\xffx"]


UNKNOWN: Fate = ("", "unknown_log")


def _unsigned(log: str) -> Fate:
    return (log, "not_signed_by_the_log")


def text(value: str | bytes) -> bytes:
    """Return a text as a header's value."""
    raw = value.encode() if isinstance(value, str) else value
    return b"S" + struct.pack(">I", len(raw)) + raw


def table(values: dict[str, bytes]) -> bytes:
    """Return a table of encoded values."""
    rows = b"".join(bytes([len(name.encode()[:255])]) + name.encode()[:255] + value for name, value in values.items())
    return struct.pack(">I", len(rows)) + rows


def properties(headers: dict[str, bytes], kind: str = "", encoding: str = "") -> bytes:
    """Return a message's properties as they travel."""
    flags = HEADERS | (CONTENT_TYPE if kind else 0) | (CONTENT_ENCODING if encoding else 0)
    short = b"".join(bytes([len(word.encode()[:255])]) + word.encode()[:255] for word in (kind, encoding) if word)
    return struct.pack(">H", flags) + short + table(headers)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
