"""教育局: schooling of disabled children, one child one plan (clause XN-8).

The Education Bureau finds disabled children of school age, has a committee of experts assess what each of them needs,
and decides how and where each is schooled. It announces registrations before schooling, assessments, placements and
the disputes about them, enrolments, individual plans, teaching at home and in rehabilitation centres, support in
ordinary classes, aid, transfers, absences and the end of compulsory schooling; and of the schools themselves, their
support resources and terms.
"""
