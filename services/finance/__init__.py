"""财政局: the money, from the budget of a year to each payment (clauses XN-1, XN-S2, and those of the benefits).

The Finance Bureau and the paying departments behind it transfer what others have granted. It announces budgets and
what was allotted to divisions, each payment (for which benefit and month, from which fund, to whom) and what came back,
the support that officials pooled, what was spent of each fund, and the yearly report.
"""
