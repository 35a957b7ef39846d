"""An installation of the version before: its read models are made anew from its case log, and show what they showed."""

from importlib.resources import files

import psycopg
import pytest

from services.family_case.waiting import UNKNOWN_PERSON
from services.processes import assembly
from shared.log.recorder import InboxRecorder
from shared.postgres.database import role_of
from tests.family_case.conftest import Hub
from tests.family_case.test_receiving import child_registered, corrected, merged
from tests.world import DAUGHTER, FATHER, MOTHER, SON, family_opened, story

LONER = "421299201209090119"
"""A fabricated person in no family."""


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    """A database of its own: its tables are changed."""
    return fresh_database_url


@pytest.fixture
def older(hub: Hub) -> Hub:
    """Return a family case with the read models of the version before, and what it kept aside."""
    opening = family_opened([FATHER, SON, DAUGHTER])
    hub.tell(
        opening, child_registered(), child_registered(SON), merged(FATHER, "XN-F-00000000"), *story("b"),
        corrected(opening, members=[FATHER, MOTHER, DAUGHTER]),
    )  # fmt: skip
    hub.tell(child_registered(LONER))
    return hub


def put_back(hub: Hub) -> None:
    """Make the read models of the version before: empty ones do, but for what it had kept aside."""
    with psycopg.connect(hub.settings.database_url, autocommit=True) as owner:
        [last] = owner.execute("SELECT max(position) FROM family_case.events").fetchall()[0]
        aside = owner.execute(
            "SELECT log, position, filed, about, body FROM family_case_views.entries e JOIN LATERAL (SELECT body FROM "
            "education.events own WHERE own.position = e.position) own ON true WHERE log = 'education' AND about IN "
            "(SELECT key FROM family_case_views.places WHERE family IS NULL)"
        ).fetchall()
        owner.execute("DROP SCHEMA family_case_views CASCADE")
        owner.execute("CREATE SCHEMA family_case_views")
        owner.execute("DROP FUNCTION family_case.begin_filing")
        later = ["read_models_002.sql", "read_models_003.sql", "read_models_004.sql", "case_003.sql"]
        owner.execute(
            "DELETE FROM yihu.migrations WHERE migration = ANY(%s) AND service IN ('family_case', 'family_case_views')",
            (later,),
        )
        script = files("services.family_case").joinpath("migrations/read_models_001.sql").read_text(encoding="utf-8")
        script = script.replace("{schema}", "family_case_views").replace("{role}", role_of("family_case"))
        owner.execute(script.encode())
        for log, position, filed, about, body in aside:
            owner.execute(
                "INSERT INTO family_case_views.waiting VALUES (%s, %s, %s, %s, %s)",
                (log, position, UNKNOWN_PERSON, about, body),
            )
            if filed == last:  # it was not filed before its person was known
                owner.execute("ALTER TABLE family_case.events DISABLE TRIGGER append_only")
                owner.execute("DELETE FROM family_case.events WHERE position = %s", (filed,))
                owner.execute("ALTER TABLE family_case.events ENABLE TRIGGER append_only")
        assert len(aside) == 2, "about who was taken out of the family, and about who never was in one"


def test_histories_and_what_waits_come_out_as_before(older: Hub) -> None:
    expected = older.documents(), older.waiting(), older.queries.desk.flagged()
    [(filed,)] = older.rows("SELECT count(*) FROM {case}.events")
    put_back(older)
    assembly.migrate_all(older.settings.database_url)
    assert (older.documents(), older.waiting(), older.queries.desk.flagged()) == expected
    assert older.rows("SELECT count(*), count(DISTINCT name) FROM {case}.events") == [(filed, filed)]
    assert older.rows("SELECT count(*) FROM {views}.waiting") == [(0,)]


def test_what_events_name_is_filled_in_for_an_installation_that_had_the_other_tables(older: Hub) -> None:
    expected = older.documents(), older.rows("SELECT * FROM {views}.mentions ORDER BY 1, 2, 3, 4")
    with psycopg.connect(older.settings.database_url, autocommit=True) as owner:
        owner.execute("DROP TABLE family_case_views.mentions")
        owner.execute("ALTER TABLE family_case_views.families DROP COLUMN crossed")
        later = ["read_models_003.sql", "read_models_004.sql"]
        owner.execute("DELETE FROM yihu.migrations WHERE migration = ANY(%s)", (later,))
    assembly.migrate_all(older.settings.database_url)
    assert (older.documents(), older.rows("SELECT * FROM {views}.mentions ORDER BY 1, 2, 3, 4")) == expected
    assert expected[1], "the correction names what it corrects"


def test_the_read_models_are_made_anew_page_by_page_and_only_once(older: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = older.documents()
    [(filed,)] = older.rows("SELECT count(*) FROM {case}.events")
    put_back(older)
    read = InboxRecorder.bodies_after
    monkeypatch.setattr(InboxRecorder, "bodies_after", lambda self, after: read(self, after, 7))
    assembly.migrate_all(older.settings.database_url)
    assert older.documents() == expected
    assert older.rows("SELECT count(*) FROM {views}.entries") == [(filed,)]
    assert older.cases.catch_up() == 0
