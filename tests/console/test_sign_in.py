"""Accounts and signing in: what is recorded of them, who gets in, and what ends a session."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask.testing import FlaskClient

from services.console.accounts import SCHEMA, Accounts, NoSuchUser, User
from services.console.failures import Failures
from services.console.sessions import IDLE, LONGEST, Sessions
from services.console.sign_in import COOKIE
from services.family_case.reading import Queries, Reader
from services.processes import assembly
from shared.errors import Refused
from shared.postgres.database import Database
from shared.settings import Settings
from tests import people
from tests.world import DAUGHTER

PASSWORD = "正确的马 电池 订书钉 2026"  # noqa: S105 - of nobody
WORKER = User("liu", "刘老师", "case_worker", None, "421202")
HTML = {"Accept": "text/html"}


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return its time."""
        return self.now


@pytest.fixture
def accounts(open_database: Callable[..., Database]) -> Accounts:
    return Accounts(open_database("family_case", schema=SCHEMA), assembly.NAMES)


@pytest.fixture
def browser(accounts: Accounts, settings: Settings) -> FlaskClient:
    queries = Queries(accounts.database.beside("family_case"), assembly.NAMES)
    app = people.app(queries, settings)
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def typed(browser: FlaskClient, name: str, password: str, wanted: str = "") -> dict[str, str]:
    """Return the form for signing in as a browser sends it."""
    page = browser.get("/sign-in", headers=HTML).get_data(as_text=True)
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    return {"csrf_token": token, "user": name, "password": password, "next": wanted}


def test_accounts_are_what_their_log_says_and_no_password_stands_in_it(accounts: Accounts) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    accounts.set_role("liu", "supervisor", None, None, "yihu/root")
    accounts.lock("liu", datetime.now(UTC))
    assert Accounts(accounts.database, assembly.NAMES).users()["liu"].locked
    accounts.unlock("liu", "yihu/root")
    accounts.set_password("liu", PASSWORD + "!", "yihu/root")

    assert Accounts(accounts.database, assembly.NAMES).users() == {"liu": User("liu", "刘老师", "supervisor")}
    assert accounts.user("liu").reader == Reader("liu", "supervisor")
    bodies = b"".join(event.exact for event in accounts.log.events())
    assert b"argon2" not in bodies
    assert PASSWORD.encode() not in bodies
    [(kept,)] = accounts.database.all("SELECT hash FROM console.passwords")
    assert kept.startswith("$argon2id$")


def test_a_closed_account_gets_nobody_in_and_its_name_stays_taken(accounts: Accounts) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    assert accounts.password_is("liu", PASSWORD)
    accounts.close("liu", "yihu/root", "调离")
    assert not accounts.password_is("liu", PASSWORD)
    with pytest.raises(NoSuchUser):
        accounts.set_password("liu", PASSWORD, "yihu/root")
    with pytest.raises(Refused, match="user_exists"):
        accounts.add(WORKER, PASSWORD, "yihu/root")


@pytest.mark.parametrize(
    ("user", "pointers"),
    [
        (User("L", "", "boss", "police", "1"), {"/user", "/shown", "/role", "/department", "/division"}),
        (User("desk", "窗口", "department_desk"), {"/department"}),
        (User("liu", "刘老师", "case_worker"), {"/division"}),
    ],
)
def test_what_can_be_no_account_is_refused_with_every_fault(user: User, pointers: set[str], accounts: Accounts) -> None:
    with pytest.raises(Refused) as refused:
        accounts.add(user, PASSWORD, "yihu/root")
    assert {fault.pointer for fault in refused.value.faults} == pointers


@pytest.mark.parametrize("password", ["short", "x" * 201, "my name is liu, yes"])
def test_a_weak_password_is_refused(password: str, accounts: Accounts) -> None:
    with pytest.raises(Refused, match="password_weak"):
        accounts.add(WORKER, password, "yihu/root")
    assert not accounts.users()


def test_a_session_ends_by_idling_by_age_by_another_password_and_by_closing(accounts: Accounts) -> None:
    clock = Clock()
    sessions = Sessions(accounts, clock=clock)
    accounts.add(WORKER, PASSWORD, "yihu/root")
    first = sessions.begin("liu")
    found, _ = sessions.find(first)
    assert found is not None
    assert found.user == WORKER
    clock.now += IDLE - timedelta(seconds=1)
    assert sessions.find(first)[0], "somebody who does something stays"
    clock.now += IDLE + timedelta(seconds=1)
    assert sessions.find(first) == (None, "liu")

    second = sessions.begin("liu")
    for _ in range(int(LONGEST / IDLE) + 1):
        clock.now += IDLE - timedelta(minutes=1)
        sessions.find(second)
    assert sessions.find(second) == (None, "liu")

    third = sessions.begin("liu")
    accounts.set_password("liu", PASSWORD + "!", "liu")
    assert sessions.find(third) == (None, "liu")
    fourth = sessions.begin("liu")
    accounts.close("liu", "yihu/root", "调离")
    assert sessions.find(fourth) == (None, "liu")
    assert sessions.find("of nobody") == (None, None)
    kept = accounts.database.all("SELECT id FROM console.sessions")
    assert not [token for token in (first, second) if (token.encode(),) in kept]


def test_who_signs_in_comes_to_the_page_that_was_wanted_and_out_again(accounts: Accounts, browser: FlaskClient) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    first = browser.get("/families?found=none", headers=HTML)
    assert first.headers["Location"] == "/sign-in?next=/families?found%3Dnone"
    answer = browser.post("/sign-in", data=typed(browser, " Liu ", PASSWORD, "/families?found=none"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/families?found=none")
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(COOKIE)]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Secure" not in cookie

    page = browser.get("/", headers=HTML).get_data(as_text=True)
    assert "刘老师（个案人员，咸安区）" in page
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    assert browser.post("/sign-out", data={"csrf_token": "x"}).status_code == 400
    assert browser.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert browser.get("/", headers=HTML).status_code == 303


def test_behind_tls_the_cookie_is_for_tls_alone(accounts: Accounts, browser: FlaskClient) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    answer = browser.post("/sign-in", data=typed(browser, "liu", PASSWORD), headers={"Host": "yihu.example"})
    assert [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(COOKIE) and "Secure" in one] or (
        answer.status_code == 400
    )


def test_a_wrong_password_and_a_name_that_nobody_has_are_answered_alike(
    accounts: Accounts, browser: FlaskClient
) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    answers = []
    for name in ("liu", "wang"):
        answer = browser.post("/sign-in", data=typed(browser, name, "wrong"))
        text = re.sub(r'(csrf_token" )?value="[^"]*"', "", answer.get_data(as_text=True))
        answers.append((answer.status_code, text))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    assert 'role="alert"' in answers[0][1]


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x"])
def test_nobody_is_sent_elsewhere_after_signing_in(wanted: str, accounts: Accounts, browser: FlaskClient) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    answer = browser.post("/sign-in", data=typed(browser, "liu", PASSWORD, wanted))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_role_gets_no_page_it_has_no_ability_for(accounts: Accounts, browser: FlaskClient) -> None:
    people.sign_in(browser, accounts.database, "leader")
    for path in ("/families", "/families/XN-F-00000000", "/families/XN-F-00000000/history", "/unmatched"):
        assert browser.get(path, headers=HTML).status_code == 403, path
    page = browser.get("/", headers=HTML).get_data(as_text=True)
    assert "查找家庭" not in page


def test_pages_are_in_the_language_and_print_that_somebody_chose(browser: FlaskClient) -> None:
    page = browser.get("/sign-in", headers=HTML).get_data(as_text=True)
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    assert '<html lang="zh-CN"' in page
    for chosen in ({"language": "en"}, {"large": "1"}, {"contrast": "1"}):
        answer = browser.post("/language", data=chosen | {"csrf_token": token, "back": "/sign-in"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    page = browser.get("/sign-in", headers=HTML).get_data(as_text=True)
    assert '<html lang="en" class="large contrast"' in page
    assert "<h1>Sign in</h1>" in page


def test_the_style_sheet_is_small_and_may_be_kept(browser: FlaskClient) -> None:
    page = browser.get("/sign-in", headers=HTML).get_data(as_text=True)
    [address] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    answer = browser.get(address)
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.get_data()) <= 20_000


def test_the_accounts_log_is_signed_and_verified_like_every_other(
    accounts: Accounts, settings: Settings, database_url: str
) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    assembly.case_checkpoints(settings)()
    counts, findings = assembly.verify(settings, settings.keys.parent / "none")
    assert (counts["console"], findings) == (1, [])
    with psycopg.connect(database_url) as owner:
        owner.execute("ALTER TABLE console.events DISABLE TRIGGER USER")
        owner.execute("DELETE FROM console.events")
        owner.execute("ALTER TABLE console.events ENABLE TRIGGER USER")
    _, findings = assembly.verify(settings, settings.keys.parent / "none")
    assert ("console", "log_truncated") in {(one.log, one.code) for one in findings}


def test_after_five_failures_there_is_a_wait_that_grows_and_is_told_and_an_administrator_ends_it(
    accounts: Accounts,
) -> None:
    clock = Clock()
    accounts.add(WORKER, PASSWORD, "yihu/root")
    failures = Failures(accounts, clock)
    for _ in range(4):
        failures.failed("liu", "192.0.2.7")
        assert failures.wait("liu", "192.0.2.7") == 0
    waits = []
    for _ in range(3):
        failures.failed("liu", "192.0.2.7")
        waits.append(failures.wait("liu", "192.0.2.8"))
    assert [round(wait / 60) for wait in waits] == [1, 2, 4]
    assert failures.wait("wang", "192.0.2.7") == 0, "an office behind one address is not locked by one account"
    assert accounts.user("liu").locked
    accounts.unlock("liu", "admin")
    assert failures.wait("liu", "192.0.2.8") == 0
    assert not accounts.user("liu").locked
    for _ in range(50):
        failures.failed("nobody", "192.0.2.9")
    assert failures.wait("liu", "192.0.2.9") > 0
    assert failures.wait("nobody", "") <= 3_601
    clock.now += timedelta(hours=25)
    failures.failed("nobody", "192.0.2.9")
    assert failures.wait("nobody", "192.0.2.9") == 0


def test_while_somebody_has_to_wait_the_right_password_does_not_open_either(
    accounts: Accounts, browser: FlaskClient
) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    for _ in range(5):
        Failures(accounts).failed("liu", "127.0.0.1")
    answer = browser.post("/sign-in", data=typed(browser, "liu", PASSWORD))
    assert answer.status_code == 429
    assert "请在 1 分钟后再试" in answer.get_data(as_text=True)


def test_a_demonstrations_account_opens_nothing_from_elsewhere(accounts: Accounts, browser: FlaskClient) -> None:
    accounts.add(replace(WORKER, demo=True), PASSWORD, "yihu/root")
    assert Accounts(accounts.database, assembly.NAMES).user("liu").demo
    form = typed(browser, "liu", PASSWORD)
    elsewhere = browser.post("/sign-in", data=form, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 401
    assert browser.post("/sign-in", data=form).status_code == 303


def test_what_was_typed_when_the_session_had_ended_is_there_after_signing_in_and_nothing_was_done(
    accounts: Accounts, browser: FlaskClient
) -> None:
    accounts.add(WORKER, PASSWORD, "yihu/root")
    browser.post("/sign-in", data=typed(browser, "liu", PASSWORD))
    page = browser.get("/", headers=HTML).get_data(as_text=True)
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    accounts.database.all("UPDATE console.sessions SET ended = now() RETURNING id")

    sent = browser.post("/families/search", data={"csrf_token": token, "id": "一段话 XN-F"}, headers=HTML)
    form = sent.get_data(as_text=True)
    assert sent.status_code == 401
    assert "您刚才填写的内容还在" in form
    assert "一段话" not in form, "it is closed"
    [kept] = re.findall(r'name="kept" value="([^"]+)"', form)
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', form))
    again = {"csrf_token": token, "user": "liu", "password": PASSWORD, "kept": kept}
    wrong = browser.post("/sign-in", data=again | {"password": "wrong"}).get_data(as_text=True)
    assert kept in wrong

    found = browser.post("/sign-in", data=again)
    page = found.get_data(as_text=True)
    assert found.status_code == 200
    assert '<form method="post" action="/families/search">' in page
    assert '<input type="hidden" name="id" value="一段话 XN-F">' in page

    accounts.add(replace(WORKER, name="wang"), PASSWORD, "yihu/root")
    other = browser.post("/sign-in", data=typed(browser, "wang", PASSWORD) | {"kept": kept})
    assert other.status_code == 303, "another user does not get it"


def test_a_form_from_elsewhere_is_not_kept_for_whoever_signs_in(accounts: Accounts, browser: FlaskClient) -> None:
    people.sign_in(browser, accounts.database, "supervisor")
    accounts.database.all("UPDATE console.sessions SET ended = now() RETURNING id")
    assert browser.post("/families/search", data={"id": "x"}, headers=HTML).status_code == 303


def test_the_first_page_of_each_role_says_what_there_is(accounts: Accounts, browser: FlaskClient) -> None:
    for role in ("supervisor", "leader", "administrator"):
        people.sign_in(browser, accounts.database, role)
        answer = browser.get("/", headers=HTML)
        assert answer.status_code == 200
        assert ("没有新的记录" in answer.get_data(as_text=True)) == (role == "supervisor")


def test_a_number_that_somebody_typed_into_an_address_is_carried_no_further(
    accounts: Accounts, browser: FlaskClient
) -> None:
    answer = browser.get(f"/families/{DAUGHTER}?known={DAUGHTER}", headers=HTML)
    assert answer.headers["Location"] == "/sign-in"
    people.sign_in(browser, accounts.database, "supervisor")
    for address in (f"/families/{DAUGHTER}", f"/families/x?known={DAUGHTER}", f"/nowhere/{DAUGHTER}"):
        assert DAUGHTER not in browser.get(address, headers=HTML).get_data(as_text=True)
