"""Accounts for the administrator, and one's own password."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.console.accounts import Accounts, User
from services.console.language import t
from services.console.roles import ROLES, needs
from services.console.sign_in import from_here, on_loopback
from services.family_case.web.access import reader
from shared.errors import Fault, Refused
from shared.policy.lists import code_lists


def account_pages(accounts: Accounts) -> Blueprint:
    """Return the pages of accounts."""
    pages = Blueprint("accounts", __name__)

    def listed_page(error: Refused | None = None) -> str:
        return render_template(
            "accounts.html",
            users=sorted(accounts.users().values(), key=lambda one: (one.closed, one.name)),
            roles=ROLES,
            departments=accounts.departments,
            divisions=code_lists()["DIV"]["codes"],
            faults=error.faults if error else [],
            given=request.form,
        )

    def account_page(user: User, error: Refused | None = None) -> str:
        return render_template(
            "account.html",
            user=user,
            roles=ROLES,
            departments=accounts.departments,
            divisions=code_lists()["DIV"]["codes"],
            faults=error.faults if error else [],
        )

    @pages.get("/accounts")
    @needs("accounts")
    def listed() -> ResponseReturnValue:
        return listed_page()

    @pages.post("/accounts")
    @needs("accounts")
    def add() -> ResponseReturnValue:
        given = request.form
        user = User(given.get("user", "").strip(), given.get("shown", "").strip(), given.get("role", ""), *_bounds())
        try:
            accounts.add(user, given.get("password", ""), reader().name)
        except Refused as error:
            return listed_page(error), error.status
        flash(t(f"账号 {user.name} 已建立。", f"Account {user.name} was added."))
        return redirect(url_for("accounts.listed"), 303)

    @pages.get("/accounts/<name>")
    @needs("accounts")
    def one(name: str) -> ResponseReturnValue:
        return account_page(accounts.user(name))

    @pages.post("/accounts/<name>")
    @needs("accounts")
    def change(name: str) -> ResponseReturnValue:
        user, by, what = accounts.user(name), reader().name, request.form.get("what", "")
        try:
            _CHANGES.get(what, _no_change)(accounts, name, by)
        except Refused as error:
            return account_page(user, error), error.status
        flash(t(f"账号 {name} 已更改。", f"Account {name} was changed."))
        return redirect(url_for("accounts.listed"), 303)

    return pages


def password_pages(accounts: Accounts) -> Blueprint:
    """Return the page on which somebody changes the own password."""
    pages = Blueprint("password", __name__)

    @pages.get("/password")
    @needs("home")
    def own() -> ResponseReturnValue:
        return render_template("password.html", faults=[])

    @pages.post("/password")
    @needs("home")
    def change_own() -> ResponseReturnValue:
        name, here = reader().name, on_loopback() and from_here(request.remote_addr or "")
        if not accounts.password_is(name, request.form.get("now", ""), here=here):
            fault = Fault("not_signed_in", "/now", "现在的口令不对。", "The present password is wrong.")
            return render_template("password.html", faults=[fault]), 422
        try:
            accounts.set_password(name, request.form.get("password", ""), name)
        except Refused as error:
            return render_template("password.html", faults=error.faults), error.status
        flash(t("口令已更改，请用新口令登录。", "The password was changed; sign in with the new one."))
        return redirect(url_for("console.sign_in"), 303)

    return pages


def _bounds() -> tuple[str | None, str | None]:
    return request.form.get("department") or None, request.form.get("division") or None


def _no_change(*_: object) -> None:
    raise Refused([Fault("unknown_code", "/what", "没有这一操作。", "There is no such action.")])


_CHANGES: dict[str, Callable[[Accounts, str, str], None]] = {
    "role": lambda accounts, name, by: accounts.set_role(name, request.form.get("role", ""), *_bounds(), by),
    "password": lambda accounts, name, by: accounts.set_password(name, request.form.get("password", ""), by),
    "unlock": lambda accounts, name, by: accounts.unlock(name, by),
    "close": lambda accounts, name, by: accounts.close(name, by, _reason()),
}
"""What an administrator can change about an account."""


def _reason() -> str:
    """Return why an account is closed. Raises Refused."""
    reason = request.form.get("reason", "").strip()
    if not reason or not reason.isprintable():
        raise Refused([Fault("required", "/reason", "请填写原因。", "Say why.")])
    return reason
