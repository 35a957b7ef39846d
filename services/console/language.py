"""Two languages, written at the spot: `t("今天要办", "Due today")` in templates and code; and how a page looks.

What somebody prefers is kept in a cookie, on every machine its own: language, larger print, higher contrast.
"""

from dataclasses import dataclass

from flask import g, request

COOKIE = "yihu_looks"
KEPT_S = 365 * 24 * 3_600
ZH, EN = "zh", "en"


@dataclass(frozen=True, slots=True)
class Looks:
    """How somebody wants pages: the language, larger print, high contrast."""

    language: str = ZH
    large: bool = False
    contrast: bool = False

    def __str__(self) -> str:
        """Return what the cookie holds."""
        return ".".join([self.language, *["large"] * self.large, *["contrast"] * self.contrast])

    @classmethod
    def read(cls, text: str) -> "Looks":
        """Read a cookie; what nobody wrote there is left out."""
        words = text.split(".")
        return cls(EN if EN in words else ZH, "large" in words, "contrast" in words)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages, for what is written down once and shown in many places; `str` gives the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Return it in the language of the page."""
        return t(self.zh, self.en)


def looks() -> Looks:
    """Return how the page of this request is to look."""
    if "looks" not in g:
        g.looks = Looks.read(request.cookies.get(COOKIE, ""))
    found: Looks = g.looks
    return found


def t(zh: str, en: str) -> str:
    """Return one of two texts: that in the language of the page."""
    return en if looks().language == EN else zh
