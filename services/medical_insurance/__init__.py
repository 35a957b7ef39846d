"""医保局: health, long-term care 长期护理 and commercial insurance for disabled children (clause XN-10).

The Medical Insurance Bureau insures, helps with the premium, has the loss of abilities assessed and decides on benefits
wherever the scheme is in force. It announces enrolments, assisted premiums, assessments and objections to them, benefit
decisions and the end of a benefit, and what commercial insurers insured and paid.
"""
