"""Programme indicators: tables folded from facts and verdicts of all families on one day, as known on another.

Read in this order: `tables` (what a table is), one file for each group of them (`coverage`, `overdue`, `money`,
`schooling`, `programme`), `fold` (all of them at once), `computing` (over a whole city), `small_cells` (what may leave
the platform), `publishing` (what was published, and why it would be another number now).
"""
