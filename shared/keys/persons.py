"""A person is a token: HMAC of the person's number under the link key, which never leaves the departments' webs.

The same person gets the same token everywhere, so histories join; nobody without the link key can get from a token to
a number, or try numbers against tokens.
"""

import base64
import hashlib
import hmac

from shared.language.persons import Person


class LinkKey:
    """Turns numbers into tokens. `secret` is 32 bytes from the key file."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, person: Person) -> str:
        """Return the person's token."""
        if person.token:
            return person.token
        digest = hmac.digest(self._secret, b"person\x00" + person.number.encode(), hashlib.sha256)
        return "p-" + base64.b32encode(digest[:20]).decode().lower()

    def digest(self, content: bytes) -> str:
        """Return a keyed digest of 128 bits, as base64: equal for the same content, and nobody gets back from it."""
        digest = hmac.digest(self._secret, b"content\x00" + content, hashlib.sha256)
        return base64.b64encode(digest[:16]).decode().rstrip("=")

    def fingerprint(self, text: bytes) -> str:
        """Return a keyed digest of a submission: equal for the same bytes, and nobody gets back from it."""
        return hmac.digest(self._secret, b"fingerprint\x00" + text, hashlib.sha256).hex()

    def mask(self, identifier: str) -> str:
        """Return the token of an identifier that could be a personal number: it still matches itself."""
        digest = hmac.digest(self._secret, b"identifier\x00" + identifier.encode(), hashlib.sha256)
        return "k-" + base64.b32encode(digest[:20]).decode().lower()
