"""财政局: money paid to families of disabled children (clauses XN-2, XN-3, XN-6, XN-9, XN-10, XN-S2).

The Finance Bureau and the paying departments behind it transfer what others have granted. It announces each payment:
for which benefit and month, from which fund, to whom.
"""
