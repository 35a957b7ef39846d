"""医保局: long-term care insurance 长期护理保险 for disabled children (clause XN-10).

The Medical Insurance Bureau insures, helps with the premium, has the loss of abilities assessed and decides on benefits
wherever the scheme is in force. It announces enrolments, assisted premiums, assessments and benefit decisions.
"""
