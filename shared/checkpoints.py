"""A log's signed checkpoints: made when somebody asks, each from the one before and the leaves added since."""

from shared.evidence import Signer, Tree
from shared.log import LogRecorder

PAGE = 10_000


def current(recorder: LogRecorder, signer: Signer) -> str:
    """Return a signed checkpoint over the whole log as it is now; the same log gives the same checkpoint."""
    schema = recorder.schema
    last = recorder.database.one(f"SELECT size, peaks, note FROM {schema}.checkpoints ORDER BY size DESC LIMIT 1")
    tree = Tree(last[0], [bytes(peak) for peak in last[1]]) if last else Tree()
    while True:
        leaves = recorder.database.all(
            f"SELECT leaf FROM {schema}.events WHERE position > %s ORDER BY position LIMIT {PAGE}", tree.size
        )
        tree.extend(bytes(row[0]) for row in leaves)
        if len(leaves) < PAGE:
            break
    if last and last[0] == tree.size:
        return str(last[2])
    note = signer.checkpoint(tree.size, tree.root)
    with recorder.database.transaction() as tx:
        tx.execute(
            f"INSERT INTO {schema}.checkpoints VALUES (%s, %s, %s) ON CONFLICT DO NOTHING".encode(),
            (tree.size, tree.peaks, note),
        )
    return note
