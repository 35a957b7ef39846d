"""民政局: social assistance (clause XN-9) and the two subsidies for disabled people (clause EXT-2SUB).

The Civil Affairs Bureau checks what households live on and decides who is kept above the poverty line. It announces
applications, checks, public notices, decisions, reviews and ends of dibao, the recognition of marginal families,
temporary aid, and who gets the two subsidies.
"""
