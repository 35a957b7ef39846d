"""A box: what a browser is to carry for a while without reading or changing it (AES-256-GCM, a key for one purpose)."""

import base64
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import Broken

NONCE_BYTES = 12


class Box:
    """Closes and opens texts; `purpose` keeps apart what the same master key is used for."""

    def __init__(self, master: bytes, purpose: str) -> None:
        self._key = AESGCM(hmac.digest(master, purpose.encode(), "sha256"))

    def close(self, text: str, whose: str) -> str:
        """Return a text closed for one person, as letters that a form can carry."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._key.encrypt(nonce, text.encode(), whose.encode())).decode()

    def open(self, closed: str, whose: str) -> str:
        """Return what was closed for this person. Raises Broken for anything else."""
        try:
            raw = base64.urlsafe_b64decode(closed)
            return self._key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], whose.encode()).decode()
        except (InvalidTag, ValueError):
            raise Broken("box_broken", "保存的内容无法读取。", "What was kept cannot be read.") from None
