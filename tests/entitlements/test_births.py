"""By which birth date ages are reckoned when a number was wrong, or a person has several (rules A1, A18)."""

from services.entitlements.loading import Loader
from tests.family_case.conftest import READER, Hub
from tests.family_case.test_merges import corrected, renumbered, withdrawn
from tests.world import DAUGHTER, FATHER, SON, family_opened

YOUNGER = "421299202305120263"


def test_after_a_corrected_number_the_day_in_the_right_one_counts_until_that_is_withdrawn(hub: Hub) -> None:
    [(_, opened)] = hub.tell(family_opened([FATHER, DAUGHTER]))
    wrong = renumbered(DAUGHTER, SON)

    def born() -> str:
        case, _ = Loader(hub.queries).case(hub.families[0], READER, "test")
        return str(case.born[opened.data["members"][1]])

    hub.tell(wrong)
    assert born() == "2017-09-03"
    hub.tell(corrected(wrong, new_value=YOUNGER))
    assert born() == "2023-05-12"
    hub.tell(withdrawn(wrong))
    assert born() == "2021-05-12"
