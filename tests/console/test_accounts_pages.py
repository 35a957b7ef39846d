"""The administrator's pages of accounts, and one's own password."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from services.console.accounts import SCHEMA, Accounts
from services.family_case.reading import Queries
from services.processes import assembly
from shared.postgres.database import Database
from shared.settings import Settings
from tests import people

HTML = {"Accept": "text/html"}
PASSWORD = "twelve of them"  # noqa: S105 - of nobody
FORM = {"user": "wang", "shown": "王老师", "role": "case_worker", "division": "421221", "password": PASSWORD}


@pytest.fixture
def accounts(open_database: Callable[..., Database]) -> Accounts:
    return Accounts(open_database("family_case", schema=SCHEMA), assembly.NAMES)


@pytest.fixture
def admin(accounts: Accounts, settings: Settings) -> FlaskClient:
    return people.browser(Queries(accounts.database.beside("family_case"), assembly.NAMES), settings, "administrator")


def test_an_administrator_adds_an_account_changes_it_and_closes_it(accounts: Accounts, admin: FlaskClient) -> None:
    assert admin.post("/accounts", data=FORM).status_code == 303
    assert accounts.user("wang").division == "421221"
    assert "账号 wang 已建立" in admin.get("/accounts", headers=HTML).get_data(as_text=True)
    assert admin.post("/accounts/wang", data={"what": "role", "role": "supervisor"}).status_code == 303
    assert (accounts.user("wang").role, accounts.user("wang").division) == ("supervisor", None)
    assert admin.post("/accounts/wang", data={"what": "password", "password": PASSWORD + "!"}).status_code == 303
    assert accounts.password_is("wang", PASSWORD + "!")
    assert admin.post("/accounts/wang", data={"what": "close", "reason": "调离"}).status_code == 303
    assert accounts.users()["wang"].closed
    assert admin.get("/accounts/wang", headers=HTML).status_code == 404
    by = {event.stored["by"] for event in accounts.log.events() if event.process == "wang"}
    assert by == {"administrator"}


def test_what_is_wrong_is_said_beside_its_field_and_nothing_but_the_password_is_typed_again(
    accounts: Accounts, admin: FlaskClient
) -> None:
    answer = admin.post("/accounts", data=FORM | {"password": "short", "division": ""})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#division"' in page
    assert 'value="wang"' in page
    assert "short" not in page
    assert "wang" not in accounts.users()
    assert admin.post("/accounts", data=FORM | {"password": "short"}).status_code == 422
    assert admin.post("/accounts/administrator", data={"what": "nothing"}).status_code == 422


def test_nobody_else_sees_accounts_and_everybody_changes_the_own_password(
    accounts: Accounts, admin: FlaskClient
) -> None:
    admin.post("/accounts", data=FORM)
    wang = admin.application.test_client()
    wang.post("/sign-in", data={"user": "wang", "password": PASSWORD})
    assert wang.get("/accounts", headers=HTML).status_code == 403
    assert wang.post("/accounts/wang", data={"what": "role", "role": "administrator"}).status_code == 403
    assert wang.post("/password", data={"now": "wrong", "password": PASSWORD + "?"}).status_code == 422
    assert wang.post("/password", data={"now": PASSWORD, "password": PASSWORD + "?"}).status_code == 303
    assert wang.get("/", headers=HTML).status_code == 303, "signed out by it"
    assert accounts.password_is("wang", PASSWORD + "?")
