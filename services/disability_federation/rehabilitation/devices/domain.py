"""Which event of a device may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.disability_federation.rehabilitation.devices.events import (
    AssistiveDeviceAssessed,
    AssistiveDeviceDecided,
    AssistiveDeviceFitted,
    AssistiveDeviceMaintained,
    AssistiveDeviceRented,
    AssistiveDeviceReturned,
)
from services.disability_federation.rehabilitation.providers.events import CommunityStationOpened
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import EVENT_DAY, Past, flag, key_of, newest, years_later

RULES.after(AssistiveDeviceDecided, AssistiveDeviceAssessed, same="process", number="REH-20.a")
RULES.after(AssistiveDeviceFitted, AssistiveDeviceAssessed, same="process", number="REH-21.a")
RULES.after(AssistiveDeviceReturned, AssistiveDeviceRented, AssistiveDeviceFitted, same="process", number="REH-23.a")
RULES.after(
    AssistiveDeviceMaintained,
    AssistiveDeviceFitted,
    AssistiveDeviceRented,
    same="person",
    effect="flag",
    fault="device_unknown",
    number="REH-24.a",
)

RULES.not_before(AssistiveDeviceRented, "due_back", EVENT_DAY, number="REH-22.1")


@RULES.flag(AssistiveDeviceDecided, number="REH-20.1")
def a_decision_follows_the_assessment(event: AssistiveDeviceDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision about another class of device than the one that was assessed."""
    assessed = newest(past, AssistiveDeviceAssessed, same="process")
    if assessed and event.device_class not in {None, assessed.device_class}:
        yield flag("differs_from_assessment", "/data/device_class")


@RULES.flag(AssistiveDeviceDecided, number="REH-20.2")
def a_device_is_used_for_its_years(event: AssistiveDeviceDecided, past: Past) -> Iterator[Fault]:
    """Flag an approval while a device of the class that the person got has not been used for its years."""
    assessed = newest(past, AssistiveDeviceAssessed, same="process")
    wanted = event.device_class or (assessed and assessed.device_class)
    if event.decision != "approved" or wanted is None:
        return
    decided = past.events(AssistiveDeviceDecided, same="person", before=True)
    years = {one.process: one.event.reuse_years for one in decided if one.event.decision == "approved"}
    for one in past.events(AssistiveDeviceFitted, same="person", before=True):
        life = years.get(one.process)
        if one.event.device_class == wanted and life and past.happened < years_later(one.event.fitted_on, life):
            yield flag("within_service_life", "/data/device_class")
            return


@RULES.invariant(AssistiveDeviceFitted, number="REH-21.1")
def nobody_pays_more_than_the_price(event: AssistiveDeviceFitted) -> Iterator[Fault]:
    """Refuse a device for which the family paid more than it cost."""
    if event.self_paid is not None and event.price is not None and event.self_paid > event.price:
        zh, en = "自费金额不得超过价格。", "The family's part must not exceed the price."
        yield Fault("self_paid_above_price", "/data/self_paid", zh, en)


@RULES.flag(AssistiveDeviceFitted, number="REH-21.2")
def a_fitting_was_approved(_: AssistiveDeviceFitted, past: Past) -> Iterator[Fault]:
    """Flag a device that was fitted without an approval in its process."""
    decided = past.events(AssistiveDeviceDecided, same="process")
    if not any(one.event.decision == "approved" for one in decided):
        yield flag("no_approval_in_force", "/process")


@RULES.flag(AssistiveDeviceRented, number="REH-22.2")
def a_station_on_record_lends_devices(event: AssistiveDeviceRented, past: Past) -> Iterator[Fault]:
    """Flag a loan from a station that is not on record as one that lends devices."""
    stations = past.events(CommunityStationOpened, same="organisation", of=key_of(event.station))
    if not any("rental" in one.event.services for one in stations):
        yield flag("station_unknown", "/data/station")


@RULES.invariant(AssistiveDeviceReturned, number="REH-23.1")
def a_device_comes_back_once(_: AssistiveDeviceReturned, past: Past) -> Iterator[Fault]:
    """Refuse the second return of the device of a process."""
    if past.events(AssistiveDeviceReturned, same="process"):
        zh = "本办件的辅助器具已归还；原记录有误的，请报送更正。"
        en = "The device of this process is back already; if that is wrong, send a correction."
        yield Fault("already_ended", "/process", zh, en)
