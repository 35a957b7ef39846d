"""Rehabilitation of disabled children and their families (XN-2, XN-7; 国发〔2018〕20号).

`providers`: institutions with an agreement, community stations, and what families get there. `devices`: assistive
devices. Here: diagnosis, aid, training, self-paid cost and cochlear implants of children; the rules of aid and training
are in `domain.py`, those of fees and subsidies in `money.py`, those of implants in `cochlear.py`.
"""
