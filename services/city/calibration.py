"""How often things happen in the city: every number, with its source or the word that it is an assumption.

Shares are of one; amounts are yuan.
"""

from datetime import date

FIRST, LAST = date(2025, 1, 2), date(2026, 6, 30)
"""The days between which something is recorded: the plan's first year and a half."""
OPENED_UNTIL = date(2025, 12, 19)
"""Until when families are found: the survey of the first year (assumption)."""

COUNTIES = {
    "421202": ("咸安区", 25),
    "421281": ("赤壁市", 18),
    "421222": ("通城县", 15),
    "421223": ("崇阳县", 15),
    "421224": ("通山县", 14),
    "421221": ("嘉鱼县", 13),
}
"""Share of the population in percent, derived from the census of 2020."""
CITY = "421200"

JOINED = {
    "disability_federation": date(2025, 1, 2),
    "civil_affairs": date(2025, 1, 2),
    "education": date(2025, 2, 17),
    "finance": date(2025, 3, 3),
    "medical_insurance": date(2025, 4, 1),
    "hrss": date(2025, 5, 6),
    "culture_tourism": date(2025, 7, 1),
}
"""From when each department reports by itself; what happened before comes as imported history (assumption)."""

# People
FATHER, MOTHER, GRANDPARENT = 0.90, 0.93, 0.45
"""Share of families in which one lives (assumption)."""
CHILDREN = {1: 45, 2: 43, 3: 12}
"""How many children a family has (assumption)."""
AGES = {(0, 2): 18, (3, 6): 34, (7, 11): 28, (12, 15): 15, (16, 17): 5}
"""Age of the disabled child at the start: most aid is for those under seven (国发〔2018〕20号)."""
CATEGORIES = {"INT": 27, "AUT": 25, "PHY": 27, "HEA": 12, "VIS": 5, "SPE": 4}
"""What children in aid are trained for: the yearbook's table is of adults, so this is an assumption."""
CERTIFIED_AS = {"VIS": "1", "HEA": "2", "SPE": "3", "PHY": "4", "INT": "5", "AUT": "6"}
"""Autism is certified as a mental disability (残疾人残疾分类和分级)."""
MULTIPLE = 0.05
"""Certified with more than one category: 5.1 % of those served in China in 2020 (CDPF yearbook, table 3-1)."""
GRADES = {"1": 35, "2": 35, "3": 20, "4": 10}
"""Grades of children's certificates (assumption)."""

# Recognition
DIFFICULT = 0.92
"""Share of families found that are recognised as difficult (assumption)."""
BASES = {"dibao": 70, "multi": 20, "both": 10}
"""Why a family is recognised (assumption)."""
DIBAO_STANDARD = {"rural": 560, "urban": 760}
"""Yuan a month: the rural working value is about 640, the urban about 810; counties differ (assumption)."""
LIVE_SUB, CARE_SUB = 100, 120
"""The two subsidies a month: amounts of Hubei are not published; other provinces pay 145 and 167 (assumption)."""

# Rehabilitation
IN_AID = 0.72
"""Share of children under 16 that apply for training aid in a year (assumption)."""
ANNUAL_LIMIT = 15800
"""Of a whole prefecture in Hubei: 896 children at 15,800 yuan each (黄冈, about 2017)."""
FAMILY_ALLOWANCE = 500
"""A month for families of children in training (大冶 2022)."""
COCHLEAR_AMOUNT = 12000
HOME_MODIFICATION = 3500
"""A household (1.28 million households to June 2025)."""

# Education
MODES = {"SPEC": 37, "INCL": 45, "HOME": 18}
"""Special school 37 %, ordinary school 45 %, taught at home 18 % (Ministry of Education, 2020 and 2023)."""
ENROLLED = 0.97
"""Enrolment of disabled children of school age (China 2025)."""

# What goes wrong
MOVES = 0.045
"""Moves between counties: 3 % a year (assumption)."""
LATE = 0.05
"""Recorded more than 30 days late (assumption)."""
CORRECTED, WITHDRAWN = 0.02, 0.01
"""Of what is recorded, by its department (assumption)."""
DUPLICATES = 0.03
"""Families entered twice under another number (assumption)."""
DEATHS = 0.01
"""Families in which somebody dies within the time (assumption)."""
