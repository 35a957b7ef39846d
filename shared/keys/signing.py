"""What a service signs: checkpoints of its log (C2SP tlog-checkpoint), receipts, and what it says on the bus."""

import base64
import hashlib
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.errors import Broken
from shared.json import canonical

SUITE = "intl"
"""The algorithm suite of this version: Ed25519, SHA-256, AES-256-GCM. Every record and receipt names its suite."""
MANY = 50
"""How many signatures are worth a second thread."""

_ED25519_NOTE = b"\x01"


class Signer:
    """Signs as one log. `name` is the log's name in checkpoints (`yihu/<service>`)."""

    def __init__(self, name: str, private_key: bytes) -> None:
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature (RFC 8032)."""
        return self._key.sign(message)

    def checkpoint(self, size: int, root: bytes) -> str:
        """Return a signed checkpoint: a C2SP signed note over origin, size and root."""
        body = f"{self.name}\n{size}\n{base64.b64encode(root).decode()}\nsuite {SUITE}\n"
        signature = base64.b64encode(self.verifier.key_hash + self.sign(body.encode())).decode()
        return f"{body}\n— {self.name} {signature}\n"

    def receipt(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return `facts` with suite, key and signature: the promise that the log holds this record."""
        return self.receipts([facts])[0]

    def receipts(self, many: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return a receipt for each of `many` facts. Signing holds no other thread up, so many are signed by two."""
        promised = [facts | {"suite": SUITE, "key": self.verifier.key_id} for facts in many]
        messages = [canonical(facts) for facts in promised]
        if len(messages) < MANY:
            signatures = [self.sign(message) for message in messages]
        else:
            middle = len(messages) // 2
            with ThreadPoolExecutor(1) as other:
                second = other.submit(lambda: [self.sign(message) for message in messages[middle:]])
                signatures = [self.sign(message) for message in messages[:middle]] + second.result()
        for facts, signature in zip(promised, signatures, strict=True):
            facts["signature"] = base64.b64encode(signature).decode()
        return promised


@dataclass(frozen=True)
class Checkpoint:
    """The size of a log and the root over its records, as the log signed them."""

    origin: str
    size: int
    root: bytes


class Verifier:
    """Checks what a log signed, with its public key alone."""

    def __init__(self, name: str, public_key: bytes) -> None:
        self.name = name
        self.public_key = public_key
        self._key = Ed25519PublicKey.from_public_bytes(public_key)
        self.key_hash = hashlib.sha256(name.encode() + b"\n" + _ED25519_NOTE + public_key).digest()[:4]
        self.key_id = self.key_hash.hex()

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this log's, over this message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def checkpoint(self, note: str) -> Checkpoint:
        """Read a signed checkpoint. Raises Broken unless it is, to the last byte, one that this log signs."""
        try:
            body, _, signed = note.partition("\n\n")
            body += "\n"
            origin, size, root = body.split("\n")[:3]
            name, encoded = signed.removeprefix("— ").rstrip("\n").split(" ")
            raw = base64.b64decode(encoded, validate=True)
            if note != f"{body}\n— {name} {base64.b64encode(raw).decode()}\n":
                raise _broken_checkpoint()
            found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
        except ValueError:
            raise _broken_checkpoint() from None
        signed_by_us = name == origin == self.name and raw[:4] == self.key_hash
        if not signed_by_us or not self.holds(body.encode(), raw[4:]):
            raise _broken_checkpoint()
        return found

    def receipt(self, receipt: dict[str, Any]) -> bool:
        """Whether the receipt is signed by this log and unchanged."""
        parsed = {name: value for name, value in receipt.items() if name != "signature"}
        try:
            signature = base64.b64decode(receipt["signature"], validate=True)
            exact = base64.b64encode(signature).decode() == receipt["signature"]
            return exact and parsed.get("key") == self.key_id and self.holds(canonical(parsed), signature)
        except (KeyError, ValueError, TypeError):  # not signed at all, or not what a receipt can say
            return False


def message_digest(log: str, body: bytes) -> bytes:
    """Return what a log signs for a message on the bus or a page over HTTP: its name and the body, length-framed."""
    name = log.encode()
    return b"yihu message\x00" + struct.pack(">I", len(name)) + name + hashlib.sha256(body).digest()


def _broken_checkpoint() -> Broken:
    return Broken(
        "checkpoint_not_signed",
        "检查点格式不对，或不是该日志签名的。",
        "The checkpoint is malformed or not signed by this log.",
    )
