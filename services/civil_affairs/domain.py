"""Which event of the Civil Affairs Bureau may follow which: gathers the pages of its book."""

from services.civil_affairs import aid, charity, dibao
from services.civil_affairs.rules import RULES

__all__ = ["RULES", "aid", "charity", "dibao"]
