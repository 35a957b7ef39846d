"""When an institution is designated and a station open, and what an event of theirs may not contain."""

from collections.abc import Iterator

from services.disability_federation.rehabilitation.providers.events import (
    CommunityRehabProvided,
    CommunityStationClosed,
    CommunityStationOpened,
    InstitutionDesignated,
    InstitutionDesignationEnded,
    InstitutionEvaluated,
    PsychologicalSupportProvided,
)
from services.disability_federation.rehabilitation.providers.in_force import designated, station
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag, key_of

CITY = "4212"
"""How the codes of the city and of its counties begin."""
REGISTERED_AS = {
    "REHAB": ("12", "52"),
    "HOSP": ("12", "52", "91"),
    "DEVICE": ("12", "52", "91", "92"),
    "CARE": ("12", "52", "91"),
    "LTCASSESS": ("12", "52", "91"),
    "LTCCARE": ("12", "52", "91"),
    "CBRS": ("11", "12", "52", "54", "55", "59"),
    "SCHOOL": ("12", "52"),
}
"""With which two characters the code of an institution of each kind begins (GB 32100: 12 public institution, 52 social
service body, 91 company, 92 sole trader; a station can also be an office's, 11, or a village's, 54, 55 and 59)."""

RULES.after(InstitutionDesignationEnded, InstitutionDesignated, same="organisation", number="REH-28.a")
RULES.after(
    InstitutionEvaluated,
    InstitutionDesignated,
    same="organisation",
    effect="flag",
    fault="institution_not_designated",
    number="REH-29.a",
)
RULES.after(CommunityStationClosed, CommunityStationOpened, same="organisation", of="station", number="REH-31.a")

RULES.not_before(PsychologicalSupportProvided, "follow_up_due", "served_on", strictly=True, number="REH-26.1")
RULES.not_before(InstitutionDesignated, "valid_to", "valid_from", strictly=True, number="REH-27.1")
RULES.distinct(CommunityStationOpened, "services", code="code_named_twice", number="REH-30.1")


@RULES.flag(InstitutionDesignated, number="REH-27.2")
def a_code_fits_its_kind_of_institution(event: InstitutionDesignated) -> Iterator[Fault]:
    """Flag an institution whose code is that of another sort of body than those of its kind."""
    if not event.uscc.startswith(REGISTERED_AS[event.kind]):
        yield flag("uscc_implausible", "/data/uscc")


@RULES.flag(InstitutionDesignated, number="REH-27.3")
def an_institution_lies_in_the_city(event: InstitutionDesignated) -> Iterator[Fault]:
    """Flag an institution outside the city."""
    if not event.division.startswith(CITY):
        yield flag("outside_city", "/data/division")


@RULES.invariant(InstitutionDesignationEnded, number="REH-28.1")
def a_designation_in_force_ends(event: InstitutionDesignationEnded, past: Past) -> Iterator[Fault]:
    """Refuse the end of a designation that is not in force on its day."""
    on_record = past.events(InstitutionDesignated, same="organisation", of=event.uscc)
    if on_record and not designated(past, event.uscc, event.ended_on):
        zh = "该机构在结束日期没有有效的定点资格；请核对日期，或先登记定点资格。"
        en = "The institution is not designated on that day; check the day, or have its designation recorded first."
        yield Fault("nothing_to_end", "/data/ended_on", zh, en)


@RULES.invariant(CommunityStationOpened, number="REH-30.2")
def a_station_opens_once(event: CommunityStationOpened, past: Past) -> Iterator[Fault]:
    """Refuse to open a station that is open on that day."""
    if station(past, key_of(event.station), event.opened_on):
        zh = "该社区康复站在此日期已设立且未撤销；信息有变的，请更正原记录。"
        en = "The station is open on that day already; if what is on record is wrong, send a correction."
        yield Fault("already_open", "/data/station", zh, en)


@RULES.invariant(CommunityStationClosed, number="REH-31.1")
def an_open_station_closes(event: CommunityStationClosed, past: Past) -> Iterator[Fault]:
    """Refuse to close a station that is not open on that day."""
    code = key_of(event.station)
    on_record = past.events(CommunityStationOpened, same="organisation", of=code)
    if on_record and not station(past, code, event.closed_on):
        zh = "该社区康复站在撤销日期并未开放；请核对日期，或先登记设立。"
        en = "The station is not open on that day; check the day, or have its opening recorded first."
        yield Fault("nothing_to_end", "/data/closed_on", zh, en)


@RULES.flag(CommunityRehabProvided, number="REH-25.1")
def a_station_that_serves_is_open(event: CommunityRehabProvided, past: Past) -> Iterator[Fault]:
    """Flag a service of a station that is not on record as open on that day."""
    if not station(past, key_of(event.station), event.served_on):
        yield flag("station_unknown", "/data/station")


@RULES.flag(PsychologicalSupportProvided, number="REH-26.2")
def a_risk_is_followed_up(event: PsychologicalSupportProvided) -> Iterator[Fault]:
    """Flag a service that noted a risk and says no day by which to look again."""
    if event.risk_flag and event.follow_up_due is None:
        yield flag("follow_up_missing", "/data/follow_up_due")
