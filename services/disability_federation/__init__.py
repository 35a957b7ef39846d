"""残联: the federation that keeps the families' cases, with one room for each line of its work.

The Disabled Persons' Federation opens and moves family cases, recognises difficult families and refers needs to others
(`registry`: clauses XN-0, XN-7, XN-13, XN-S1, XN-S3, EXT-PIPL, EXT-GDS), issues disability certificates and checks them
for the two subsidies (`certificates`: EXT-CERT, EXT-2SUB), runs the rehabilitation of disabled children
(`rehabilitation`: XN-2, XN-7), makes homes barrier-free (`home_modification`: XN-3), arranges care (`care`: XN-6),
supervises the plan and makes it known (`supervision`: XN-S1, XN-S3), knows charity, volunteers and sport (`charity`:
XN-4, XN-11 to XN-13), and runs self-help rehabilitation in bases (`self_help`: SH-G, SH-1 to SH-4, SH-S1 to SH-S3,
SH-A). It announces what happens to a case, to a certificate, in rehabilitation, in a home, in care and in a base.
"""
