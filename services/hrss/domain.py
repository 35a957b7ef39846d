"""Which event of the Human Resources and Social Security Bureau may follow which."""

from services.hrss.events import JobRecommended, ParentJobNeedRegistered
from shared.language.rules import Rules

RULES = Rules()
RULES.after(JobRecommended, ParentJobNeedRegistered, same="person")
