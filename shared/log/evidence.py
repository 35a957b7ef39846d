"""Evidence: an RFC 6962 Merkle tree over a log's records.

The tree binds a record to its place: the leaf with index n - 1 is the record at position n. So the exact bytes of a
record are hashed without its position, and a change, deletion, insertion, swap or truncation changes the root.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

HASH_BYTES = 32


def leaf_hash(record: bytes) -> bytes:
    """Return the 32-byte leaf hash of a record's exact bytes (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Tree:
    """A growing tree, kept as the roots of its perfect subtrees, largest first (one for each bit of `size`)."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether the peaks can be those of a tree of this size; to be asked of peaks that were stored."""
        return len(self.peaks) == self.size.bit_count() and all(len(peak) == HASH_BYTES for peak in self.peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.peaks.append(leaf)
        self.size += 1
        merged = self.size
        while merged % 2 == 0:
            right = self.peaks.pop()
            self.peaks.append(node_hash(self.peaks.pop(), right))
            merged //= 2

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order."""
        for leaf in leaves:
            self.append(leaf)

    @property
    def root(self) -> bytes:
        """The 32-byte root; of an empty tree, the hash of nothing."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root
