"""民政局: social assistance (clause XN-9), the two subsidies for disabled people (EXT-2SUB), charity (XN-11, XN-12).

The Civil Affairs Bureau checks what households live on and decides who is kept above the poverty line. It announces
applications, checks, public notices, decisions, reviews and ends of dibao, the recognition of marginal families and of
tekun people, temporary aid, who gets the two subsidies, and when those concerned were told. As the authority over
charities it announces donations, what charities give to families, and what volunteers do for them.
"""
