"""A person as a sender names them, and the token that stands for them everywhere else."""

import re
from dataclasses import dataclass

TOKEN = re.compile(r"p-[a-z2-7]{32}")
"""The shape of a token: `p-` and 160 bits in base32."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a sender named them: a number, or already a token; what the number itself says of birth and sex.

    `ends_000` says that the number passes its check, but ends as spreadsheets make numbers end.
    """

    number: str = ""
    token: str = ""
    born: str = ""
    sex: str = ""
    ends_000: bool = False
