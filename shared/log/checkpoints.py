"""A log's signed checkpoints: made when somebody asks, each from the one before and the leaves added since."""

from shared.errors import Broken
from shared.keys.signing import Signer
from shared.log.evidence import Tree
from shared.log.recorder import LogRecorder

PAGE = 10_000


def current(recorder: LogRecorder, signer: Signer) -> str:
    """Return a signed checkpoint over the whole log as it is now; the same log gives the same checkpoint.

    Raises Broken rather than sign a log with a hole in it.
    """
    schema = recorder.schema
    tree, note = _newest(recorder, signer)
    signed = tree.size
    while True:
        leaves = recorder.database.all(
            f"SELECT position, leaf FROM {schema}.events WHERE position > %s ORDER BY position LIMIT {PAGE}", tree.size
        )
        for position, leaf in leaves:
            if position != tree.size + 1:
                raise Broken("position_missing", "日志中有记录缺失，不予签名。", "A record is missing from the log.")
            tree.append(leaf)
        if len(leaves) < PAGE:
            break
    if note and signed == tree.size:
        return note
    note = signer.checkpoint(tree.size, tree.root)
    with recorder.database.transaction() as tx:
        tx.execute(
            f"INSERT INTO {schema}.checkpoints VALUES (%s, %s, %s) ON CONFLICT DO NOTHING".encode(),
            (tree.size, tree.peaks, note),
        )
    return note


def _newest(recorder: LogRecorder, signer: Signer) -> tuple[Tree, str]:
    """Return the newest checkpoint and the tree to go on from; an empty tree unless it is what we signed."""
    row = recorder.database.one(
        f"SELECT size, peaks, note FROM {recorder.schema}.checkpoints ORDER BY size DESC LIMIT 1"
    )
    if row is None:
        return Tree(), ""
    tree = Tree(row[0], row[1])
    try:
        parsed = signer.verifier.checkpoint(row[2])
    except Broken:
        return Tree(), ""
    holds = tree.whole and (tree.size, tree.root) == (parsed.size, parsed.root)
    return (tree, row[2]) if holds else (Tree(), "")
