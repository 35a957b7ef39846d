"""Malformed HTTP requests, drawn from a seed: valid ones with one thing spoiled, each with what it must be answered.

A request carries a canary of its own in the place that is spoiled, so that a repetition is seen. What is spoiled is
wrong by construction: no mutation may turn out to be a valid request.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from services.departments import load_catalogue
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import BATCHED, STRUCTURED
from shared.language.fields import Fact
from tests.faults.tools.hostile_values import ATTRIBUTES, KINDS, NEVER, TEXT, WRONG_CHECKSUM, put
from tests.world import DAUGHTER, SON, story

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
ANY_4XX = frozenset(range(400, 500))
REQUIRED = ["specversion", "id", "source", "type", "time", "data"]
LONG = 300 * 1024
"""More bytes than an event may have."""


@dataclass(frozen=True)
class Request:
    """An HTTP request, whole or with one thing spoiled: what it must be answered, and where the fault must be said."""

    name: str
    path: str
    body: bytes = b""
    kind: str = STRUCTURED
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    status: frozenset[int] = frozenset()
    pointer: str | None = None
    raw: bytes = b""
    """What is sent instead when it is hardly HTTP: it may also be answered by closing the connection, or not at all."""

    def must(self, *status: int, at: str | None = None) -> "Request":
        """Say what it must be answered, and where the fault lies."""
        return replace(self, status=frozenset(status), pointer=at)

    def having(self, name: str, value: str) -> "Request":
        """Return it with one header more."""
        return replace(self, headers=(*self.headers, (name, value)))

    def encode(self) -> bytes:
        """Return the bytes to send."""
        if self.raw:
            return self.raw
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(self.body)}"]
        lines += [f"Content-Type: {self.kind}"] if self.kind else []
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


class Requests:
    """Draws malformed requests. `keys` are the API keys by department, and `hub`; `family` is a case number."""

    def __init__(self, rng: random.Random, keys: dict[str, str], family: str) -> None:
        load_catalogue()
        self.rng, self.keys, self.family = rng, keys, family
        self.submissions = [*story("a"), *story("b")]
        self.samples = {submission["type"]: submission for submission in self.submissions}
        self.canary = ""

    def draw(self, number: int) -> Iterator[tuple[str, Request]]:
        """Yield so many requests, each with its canary; every kind of mutation in turn."""
        often: list[Callable[[], Request]] = [self.value, self.attribute, self.value, self.body]
        seldom = [self.absent, self.unknown, self.batch, self.binary, self.permission, self.address, self.family_case]
        makers = [one for maker in [*seldom, self.framing] for one in (*often, maker)]
        for index in range(number):
            self.canary = f"CANARY{index:06d}Z"
            yield self.canary, makers[index % len(makers)]()

    def whole(self) -> Iterator[Request]:
        """Yield every sample event in every mode, as it is: what the mutations begin with is valid."""
        for submission in self.submissions:
            yield self.post(submission).must(200)
            yield self.post(submission, mode="batched").must(207)
            if "legacy" not in submission:  # in binary mode a flag is a text, so it is other content
                yield self.post(submission, mode="binary").must(200)

    def post(self, submission: dict[str, Any], log: str = "", mode: str = "") -> Request:
        """Return the request that reports an event, in one of the three modes."""
        log = log or submission["type"].partition(".")[0]
        bare = Request("", f"/{log}/events", headers=(("Authorization", f"Bearer {self.keys[log]}"),))
        if mode == "batched":
            return replace(bare, body=_json([submission]), kind=BATCHED)
        if mode == "binary":
            names = [(f"ce-{name}", quote(str(value), safe="")) for name, value in submission.items() if name != "data"]
            return replace(bare, body=_json(submission["data"]), kind=JSON, headers=(*bare.headers, *names))
        return replace(bare, body=_json(submission))

    # -- one thing spoiled

    def attribute(self) -> Request:
        """Spoil one attribute of an event."""
        submission, log = self._event()
        name = self.rng.choice([*ATTRIBUTES, "source"])
        never = NEVER if name in REQUIRED else [value for value in NEVER if value is not None]  # null is absent
        value = put(self.rng.choice(never + ATTRIBUTES.get(name, ["urn:yihu:CANARY:desk"])), self.canary)
        short = isinstance(value, str) and len(value) < LONG // 30
        status = 403 if name == "source" and isinstance(value, str) else 422
        spoiled = self.post(submission | {name: value}, log, self._mode(binary=short)).must(status, at=f"/{name}")
        return replace(spoiled, name=f"{name} is {value!r:.40}")

    def value(self) -> Request:
        """Spoil one field in the payload of any declared type."""
        declaration = self.rng.choice(list(CATALOGUE))
        name, fact = self.rng.choice(list(declaration.facts.items()))
        sample = self.samples.get(declaration.type, self.submissions[0] | {"data": {}})
        submission = sample | {
            "id": self.canary,
            "type": declaration.type,
            "source": f"urn:yihu:{declaration.department}:desk",
        }
        value, where = self._wrong(fact)
        spoiled = self.post(submission | {"data": sample["data"] | {name: value}}, mode=self._mode(binary=True))
        return replace(spoiled.must(422, at=f"/data/{name}{where}"), name=f"{declaration.type} {name} is {value!r:.40}")

    def absent(self) -> Request:
        """Leave out something that is required."""
        submission, log = self._event()
        declaration = CATALOGUE.get(submission["type"])
        fields = [f"data/{name}" for name, fact in declaration.facts.items() if fact.required] if declaration else []
        name = self.rng.choice(REQUIRED + fields)
        submission |= {"data": {key: value for key, value in submission["data"].items() if f"data/{key}" != name}}
        submission.pop(name, None)
        return replace(self.post(submission, log, self._mode()).must(422, at=f"/{name}"), name=f"no {name}")

    def unknown(self) -> Request:
        """Add an attribute or a field that nobody declared, or thousands."""
        submission, log = self._event()
        names = [self.canary, self.canary.lower(), "", SON, DAUGHTER, "__class__", "a/b~c", "x" * 5_000, "sequence"]
        name = self.rng.choice([*names, "many"])
        many = [f"{self.canary[-7:]}{number}" for number in range(6_000)]
        more = dict.fromkeys(many if name == "many" else [name], self.canary[:10])
        at = name if name == "sequence" else "?"
        if self.rng.random() < 0.5:
            return replace(self.post(submission | more, log).must(422, at=f"/{at}"), name=f"attribute {name:.20}")
        submission |= {"data": submission["data"] | more}
        return replace(self.post(submission, log).must(422, at=f"/data/{at}"), name=f"field {name:.20}")

    def batch(self) -> Request:
        """Send a batch that is none, or a batch of things that are no events."""
        items = [self.canary, None, 7, [], [self._event()[0]], {}, {"data": {}}, {"id": [self.canary], "source": {}}]
        shapes = [[], {}, None, self.canary, [1] * 1_001, *([self.rng.sample(items, 3)] * 5)]
        shape = self.rng.choice(shapes)
        allowed = (("Authorization", f"Bearer {self.keys['education']}"),)
        batch = Request(f"batch {shape!r:.40}", "/education/events", _json(shape), BATCHED, headers=allowed)
        return batch.must(422)

    def body(self) -> Request:
        """Spoil the bytes of a body: encoding, syntax, numbers, depth, size; or what is said about it."""
        submission, log = self._event()
        whole, rng = self.post(submission | {"process": self.canary}, log, self._mode()), self.rng
        good, end = whole.body, b"}]" if whole.kind == BATCHED else b"}"
        at = rng.randrange(1, len(good) - 1)
        quoted = rng.choice([index for index, byte in enumerate(good) if byte == ord('"')])
        deep = rng.choice([21, 900, 100_000])
        number = rng.choice(["NaN", "-Infinity", "1e999", "1" * 5_000, "01", "+1", ".5", "0x1", "9" * 40, "1_0", "１"])
        escape = rng.choice([r"\ud800", r"\udfff\ud800", r"\u12", r"\x41", r"\ud83d\ud83d", "\\"])

        def more(value: str, name: str = "a") -> bytes:
            return good.removesuffix(end) + f', "{name}": {value}'.encode() + end

        broken: dict[str, bytes] = {
            "cut off": good[:at],
            "noise": rng.randbytes(rng.randrange(1, 400)) + b"\xff",
            "a control character": good[:at] + rng.choice([b"\x00", b"\x07", b"\x1f", b"\x0b"]) + good[at:],
            "no UTF-8": good[:at] + rng.choice([b"\x80", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80"]) + good[at:],
            "a quote less": good[:quoted] + good[quoted + 1 :],
            "something behind": good + rng.choice([b"x", b"{}", b",", b"]", b"\x00"]),
            f"number {number:.9}": more(number),
            f"escape {escape}": more(f'"{escape}"'),
            f"depth {deep}": more("[" * deep + "]" * deep),
            "a key twice": more(f'"{self.canary}"', "process"),
            "UTF-16": good.decode().encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32"])),
            "GB 18030": good.decode().replace(self.canary, f"机构{self.canary}").encode("gb18030"),
            "a byte order mark twice": b"\xef\xbb\xbf" * 2 + good,
            "nothing": rng.choice([b"", b" \n "]),
            "no JSON": rng.choice([b"<a/>", b"{'id': 1}", b"/**/{}", b"True", b"id=1", b"[1,]", b'{"a"}']),
        }
        kinds = ["", "text/plain", "application/xml", "application/cloudevents", self.canary]
        name = rng.choice([*broken, "too much", "content type", "charset", "compressed"])
        if name == "too much":
            one, batch = self.post(submission), self.post(submission, mode="batched")
            sizes = [replace(one, body=one.body + b" " * LONG), replace(batch, body=batch.body + b" " * 20 * LONG)]
            spoiled = rng.choice(sizes).must(413)
        elif name == "content type":
            spoiled = replace(self.post(submission), kind=rng.choice(kinds)).must(415)
        elif name == "charset":
            spoiled = replace(whole, kind=f"{whole.kind}; charset={rng.choice(['gbk', 'utf-16', self.canary])}").must(
                415
            )
        elif name == "compressed":
            spoiled = whole.having("Content-Encoding", rng.choice(["gzip", "br", self.canary])).must(415)
        else:
            spoiled = replace(whole, body=broken[name]).must(400)
        return replace(spoiled, name=name)

    def binary(self) -> Request:
        """Spoil the headers of binary mode."""
        submission, log = self._event()
        whole = self.post(submission, log, "binary")
        name = self.rng.choice(["ce-id", "ce-time", "ce-process", "ce-subject"])
        bad = self.rng.choice(["%", "%zz", "%e4%b8", "%ff", "%ed%a0%80", "é", "%c0%af", "%u4e00"])
        rest = tuple(header for header in whole.headers if header[0] != name)
        spoiled = self.rng.choice([
            replace(whole, headers=(*rest, (name, f"{self.canary}{bad}"))).must(400),
            whole.having(f"ce-{self.canary}", "x").must(422, at="/?"),
            whole.having("ce-data", self.canary).must(400),
        ])  # fmt: skip
        return replace(spoiled, name=f"binary {name} {bad}")

    def address(self) -> Request:
        """Spoil method, path or query."""
        rng = self.rng
        hub = Request("address", "/education/log", kind="", method="GET").having(
            "Authorization", f"Bearer {self.keys['hub']}"
        )
        values = [
            self.canary,
            "-1",
            "1e9",
            "%00",
            "１",
            "",
            "%ff",
            "+1",
            "1.0",
            "9" * 400,
            str(2**63),
            f"1&after={self.canary}",
        ]
        name, value = rng.choice(["after", "limit"]), quote(rng.choice(values), safe="%&=+")
        paths = [
            "/nowhere",
            "/education",
            "/education/",
            "/finance/../x",
            "/%2e%2e/etc/passwd",
            "/%00",
            "/%",
            "/%ff%fe",
        ]
        paths += [f"/education/events/{self.canary}", f"/{self.canary}", f"/{SON}/events", "/education/log/"]
        paths += [
            f"/families//{self.canary}",
            f"/education/{'x' * 20_000}",
            "/education/events;a",
            f"/?{self.canary}=/..",
        ]
        method = rng.choice(["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", self.canary])
        path = rng.choice(paths[:-1])
        return rng.choice([
            replace(hub, path=f"/education/log?{name}={value}").must(400, at=f"/{name}" if "&" not in value else None),
            replace(hub, path=path).must(404),
            replace(hub, method=method, path=rng.choice(["/education/events", "/education/log", "/"])).must(405),
        ])  # fmt: skip

    def family_case(self) -> Request:
        """Spoil what is asked of the family case: searches, days, case numbers."""
        allowed = (("Authorization", f"Bearer {self.keys['hub']}"),)
        rng, search = self.rng, Request("", "/families/search", kind=JSON, headers=allowed)
        values = [
            None,
            7,
            [],
            {},
            "",
            " ",
            "CANARY",
            WRONG_CHECKSUM,
            "\x00CANARY",
            "\u202eCANARY",
            "４２１",
            ["CANARY"],
        ]
        value = put(rng.choice(values), self.canary)
        bodies = [_json([]), _json(None), _json({}), _json(self.canary), b"x", b"", b'{"id": "\\ud800"}', b"\xff"]
        bodies += [b'{"id": 1, "id": 2}', _json({"id": self.family, self.canary: 1}), b'{"id": NaN}', b"[" * 4_000]
        form = urlencode({"id": value if isinstance(value, str) else ""}).encode()
        days = ["2025-02-30", "２０２５-01-01", self.canary, "20250101", "\x00", "0000-01-01", "2025-01-01T00:00"]
        asked, history = rng.choice(["known", "effective"]), rng.choice(["", "/history"])
        name = rng.choice([SON, self.canary, "%00", "%ed%a0%80", "x" * 5_000, "XN-F-00000000", "%e2%80%ae"])
        page = Request("", f"/families/{name}{history}", kind="", method="GET", headers=allowed)
        day = quote(rng.choice(days))
        spoiled = rng.choice([
            replace(search, body=_json({"id": value})).must(422, at="/id"),
            replace(search, body=rng.choice(bodies)).must(400, 422),
            replace(search, body=_json({"id": self.canary * 500})).must(413),
            replace(search, body=_json({"id": self.family}), kind=rng.choice(["", "text/plain", STRUCTURED])).must(415),
            replace(search, body=form, kind=FORM).must(422),
            page.must(404),
            replace(page, path=f"/families/{self.family}{history}?{asked}={day}").must(400, at=f"/{asked}"),
        ])  # fmt: skip
        return replace(spoiled, name=f"family case {value!r:.20}")

    def permission(self) -> Request:
        """Report without a key, with a wrong one, or with another department's."""
        submission, log = self._event()
        other = self.rng.choice([name for name in self.keys if name not in {log, "hub"}])
        keys = [("", 401), (f"Bearer {self.canary}", 401), (f"Basic {self.keys[log]}", 401), ("Bearer é", 401)]
        keys += [(f"Bearer {self.keys[other]}", 403), (f"Bearer {self.keys['hub']}", 403), (self.keys[log], 401)]
        allowed, status = self.rng.choice(keys)
        return replace(self.post(submission, log), headers=(("Authorization", allowed),), name="key").must(status)

    def framing(self) -> Request:
        """Spoil HTTP itself."""
        rng, canary = self.rng, self.canary
        post = f"POST /education/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.keys['education']}\r\n"
        chunked, rest = f"{post}Transfer-Encoding: chunked\r\n", f"Host: x\r\nX: {canary}\r\n"
        length = rng.choice(
            [canary, "-5", "+2", "2, 3", "0x2", "２", "", "2\r\nContent-Length: 3", "1e1", "99999999999"]
        )
        size = rng.choice(["ZZ", "-2", "0x2", f"2{canary}", "", "２", "2 2", "ffffffffffffffffffff;"])
        line = rng.choice(
            [": b", "A b: c", "A\x00: b", canary, "A: b\r\n folded", "A : b", "A: b\x00", "A: \rb", "(): b"]
        )
        first = [
            "GET",
            "GET /",
            "GET  / HTTP/1.1",
            "GET / HTTP/9.9",
            "GET / HTTP/1.2",
            "get / HTTP/1.1",
            "GET / HTTX/1.1",
        ]
        noise = rng.randbytes(rng.randrange(20, 400)).replace(b"\n", b"").decode("latin-1")
        bad = {
            "length": f"{post}Content-Length: {length}\r\n\r\n{{}}",
            "length and chunks": f"{chunked}Content-Length: 2\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
            "chunks in HTTP/1.0": f"{chunked}\r\n2\r\n{{}}\r\n0\r\n\r\n".replace("1.1", "1.0"),
            "chunk size": f"{chunked}\r\n{size}\r\n{{}}\r\n0\r\n\r\n",
            "chunk without its end": f"{chunked}\r\n2\r\n{{}}XX\r\n0\r\n\r\n",
            "header": f"GET /nowhere HTTP/1.1\r\n{rest}{line}\r\n\r\n",
            "first line": f"{rng.choice(first)}\r\n{rest}\r\n",
            "noise": f"{rng.choice(['', chr(22) + chr(3) + chr(1)])}{noise}\r\n\r\n",
            "headers too large": f"GET /nowhere HTTP/1.1\r\n{rest}A: {canary * 4_000}\r\n\r\n",
            "too many headers": f"GET /nowhere HTTP/1.1\r\n{rest}" + f"A: {canary}\r\n" * 5_000 + "\r\n",
            "no host": f"GET /nowhere HTTP/1.1\r\nX: {canary}\r\n\r\n",
            "two hosts": f"GET /nowhere HTTP/1.1\r\nHost: {canary}\r\nHost: b\r\n\r\n",
            "bare line feeds": f"GET /nowhere HTTP/1.1\nHost: {canary}\n\n",
            "another host": f"GET / HTTP/1.1\r\nHost: {rng.choice(['@@', '', 'a/'])}{canary}.example\r\n\r\n",
            "CONNECT": f"CONNECT {canary}:443 HTTP/1.1\r\nHost: x\r\n\r\n",
            "an absolute address": f"GET http://{canary}.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
        }
        name = rng.choice(list(bad))
        return Request(name, "", raw=bad[name].encode("latin-1", "replace"), status=ANY_4XX)

    # -- helpers

    def _event(self) -> tuple[dict[str, Any], str]:
        submission = self.rng.choice(self.submissions)
        return submission | {"id": self.canary}, submission["type"].partition(".")[0]

    def _wrong(self, fact: Fact) -> tuple[Any, str]:
        """Return a value that this field cannot have, and where in it the fault lies."""
        value = put(self.rng.choice(NEVER + KINDS.get(fact.kind.name, TEXT)), self.canary)
        if fact.kind.name == "payload" and isinstance(value, dict):
            value = self.canary  # any object may be a payload, until it is known of which type
        shapes: list[tuple[Any, str]] = [([], ""), ([self.canary] * 101, ""), ({self.canary: 1}, ""), ([value], "/0")]
        return self.rng.choice(shapes) if fact.many else (value, "")

    def _mode(self, *, binary: bool = False) -> str:
        return self.rng.choice(["", "", "batched", *(["binary"] if binary else [])])


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
