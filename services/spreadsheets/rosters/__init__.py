"""The six composed sheets that offices hand in: each a declaration, and a pure function of its rows."""

from services.spreadsheets.rosters import census, certificates, dibao, payments, school, training_month
from services.spreadsheets.rosters.declaring import Roster

ROSTERS: dict[str, Roster] = {
    one.ROSTER.code: one.ROSTER for one in (census, certificates, dibao, training_month, payments, school)
}
