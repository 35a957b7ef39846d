"""What the policy owes each family, person, base and the city on a day, and whether it was delivered.

Read in this order: `facts` (what is known), `policy` (what counts, where and from when), `circumstances` (what follows
for a family and a person), `verdicts` (what a rule answers), then one file of `clauses`, then `engine`.

What is made of verdicts: `work`, `past_work`, `owed`, `indicators`; of what is known beside them: `belonging`,
`priority`; what somebody does about a gap: `actions`. Who sees what of that: `masking`, `needed`.
"""
