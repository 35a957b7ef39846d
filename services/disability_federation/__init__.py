"""残联: the federation that keeps the families' cases, with one room for each line of its work.

The Disabled Persons' Federation opens and moves family cases, recognises difficult families and refers needs to others
(`registry`: clauses XN-0, XN-7, XN-13, XN-S1, XN-S3, EXT-PIPL, EXT-GDS), issues disability certificates and checks them
for the two subsidies (`certificates`: EXT-CERT, EXT-2SUB), and runs the rehabilitation of disabled children
(`rehabilitation`: XN-2, XN-7). It inspects how the work is done and publicises it (`supervision`: XN-S1, XN-S3), and
finds families a partner and children a sport (`charity`: XN-4, XN-12, XN-13). It announces what happens to a case, to a
certificate, in a child's rehabilitation, and in the work itself.
"""
