"""Flask-Security on our tables: registration, confirmation, sign-in, recovery, change of password; argon2.

No answer tells whether an address has an account: the same words, the same work, and the same limits.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask import Flask, abort, current_app, render_template, request, session
from flask_login import current_user, user_logged_out
from flask_login.utils import _user_context_processor
from flask_security import (
    ForgotPasswordForm,
    LoginForm,
    MailUtil,
    RegisterFormV2,
    Security,
    SendConfirmationForm,
    SQLAlchemyUserDatastore,
)
from flask_security.forms import Form
from flask_security.mail_util import EmailValidateException
from flask_security.signals import password_reset
from flask_security.utils import hash_password
from flask_wtf import CSRFProtect
from sqlalchemy import text
from werkzeug.exceptions import TooManyRequests
from wtforms import StringField, ValidationError

from siskop.accounts import limits, people
from siskop.accounts.sessions import Sessions
from siskop.accounts.tables import Account
from siskop.base import i18n
from siskop.base.db import db, now, reading, settings
from siskop.base.errors import Invalid
from siskop.base.i18n import N_

SHORTEST_PASSWORD = 10
LONGEST_INPUT = 4096  # characters; passlib hashes no longer password

csrf = CSRFProtect()
CONFIG: dict[str, Any] = {
    "URL_PREFIX": None,
    "LOGIN_URL": "/masuk",
    "LOGOUT_URL": "/keluar",
    "REGISTER_URL": "/daftar",
    "CONFIRM_URL": "/konfirmasi",
    "RESET_URL": "/lupa-sandi",
    "CHANGE_URL": "/sandi",
    "FRESHNESS": timedelta(seconds=-1),  # no page that asks for the password again: changing it asks for it anyway
    "POST_LOGIN_VIEW": "account.arrive",
    "POST_REGISTER_VIEW": "security.send_confirmation",
    "POST_CHANGE_VIEW": "account.show",
    "POST_LOGOUT_VIEW": "account.left",
    "REGISTERABLE": True,
    "CONFIRMABLE": True,
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "RETURN_GENERIC_RESPONSES": True,
    "LOGOUT_CSRF": True,
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": ["argon2"],
    "PASSWORD_HASH_PASSLIB_OPTIONS": people.COST,
    "PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
    "PASSWORD_CONFIRM_REQUIRED": False,
    "JOIN_USER_ROLES": False,
    "API_ENABLED_METHODS": ["session"],
    "STATIC_FOLDER": None,
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    "CSRF_HEADER": None,
    "EMAIL_HTML": False,  # the outbox makes the HTML part
}
MESSAGES = {  # Flask-Security's own would claim that an account exists, or not say what to do
    "error": {
        "GENERIC_AUTHN_FAILED": N_("The address or the password is not right."),
        "INVALID_CONFIRMATION_TOKEN": N_("This link is not complete. Copy all of it, or ask for a new one."),
        "CONFIRMATION_EXPIRED": N_("This link was good for %(within)s. Ask for a new one."),
        "INVALID_RESET_PASSWORD_TOKEN": N_("This link was used before or is not complete. Ask for a new one."),
        "PASSWORD_RESET_EXPIRED": N_("This link was good for %(within)s. Ask for a new one."),
        "PASSWORD_IS_THE_SAME": N_("This is your password now. Choose another one."),
        "PASSWORD_INVALID_LENGTH": N_("The password is too short: it needs at least %(length)s characters."),
        "PASSWORD_NOT_PROVIDED": N_("Write the password."),
        "RETYPE_PASSWORD_MISMATCH": N_("The two passwords differ. Write the same one twice."),
        "INVALID_PASSWORD": N_("This is not your password."),
        "EMAIL_NOT_PROVIDED": N_("Write the mail address."),
        "INVALID_REDIRECT": N_("The address to go to after signing in is not one of this site."),
    },
    "info": {
        "CONFIRM_REGISTRATION": N_(
            "We have sent a mail to %(email)s. Open the link in it to confirm your address, then sign in."
        ),
        "CONFIRMATION_REQUEST": N_("If %(email)s waits for its confirmation, a mail with a new link is on its way."),
        "PASSWORD_RESET_REQUEST": N_(
            "If %(email)s has an account, a mail that tells how to choose a new password is on its way."
        ),
        "ALREADY_CONFIRMED": N_("Your address was confirmed before. Sign in with it."),
    },
    "success": {
        "EMAIL_CONFIRMED": N_("Your address is confirmed. Sign in with it."),
        "PASSWORD_RESET_NO_LOGIN": N_("Your new password is saved. Sign in with it."),
        "PASSWORD_CHANGE": N_("Your new password is saved. Every other device was signed out."),
    },
}


def init_app(app: Flask, mails: type[MailUtil]) -> None:
    """Sessions, CSRF and Flask-Security. `mails` puts what Flask-Security writes into the outbox."""
    app.session_interface = Sessions()
    app.config.update({f"SECURITY_{key}": value for key, value in CONFIG.items()})
    app.config.update(
        SESSION_PROTECTION=None,  # phones change their network address
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        SECURITY_DATETIME_FACTORY=_instant,
    )
    for tone, sentences in MESSAGES.items():
        app.config.update({f"SECURITY_MSG_{name}": (sentence, tone) for name, sentence in sentences.items()})
    csrf.init_app(app)
    app.before_request(_readable)
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, Account, None),  # type: ignore[arg-type]  # roles are our own
        mail_util_cls=mails,
        login_form=SignIn,
        register_form=Register,
        confirm_register_form=None,
        forgot_password_form=Forgot,
        send_confirmation_form=Confirm,
    )
    security.render_template = _render
    security.want_json(lambda _request: False)
    security.i18n_domain = _Words()  # type: ignore[assignment]
    security.login_manager.request_loader(lambda _request: None)  # no tokens: a session or nobody
    _look_at_the_session_only_when_asked(app, security)
    user_logged_out.connect(_empty_session, app)
    password_reset.connect(_confirm_by_reset, app)


def _readable() -> None:
    """Refuse what no page sends and Flask-Security would fail on: JSON of any shape, a password without end, a `next`
    that can't be split."""
    if request.blueprint != "security" or request.method != "POST":
        return
    if request.is_json or any(len(value) > LONGEST_INPUT for _name, value in request.form.items(multi=True)):
        abort(400)
    try:
        for place in (request.args, request.form):
            urlsplit(place.get("next", ""))
    except ValueError:
        abort(400)


def _look_at_the_session_only_when_asked(app: Flask, security: Security) -> None:
    """Three hooks would read the session on public pages too: remember-me, principals (neither in use here), and the
    reader's name for templates, which becomes a proxy that looks when it is looked at."""
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.template_context_processors[None].remove(_user_context_processor)
    app.jinja_env.globals["current_user"] = current_user


def _render(template: str, **context: Any) -> str:
    """Pages speak the language of their address, mails that of their reader."""
    if template.startswith("security/email/"):
        with i18n.speaking(context["user"].language):
            return render_template(template, **context)
    return render_template(template, **context)


def _instant() -> datetime:
    return now(reading())


def _empty_session(_app: Flask, **_about: Any) -> None:
    session.clear()


def _confirm_by_reset(_app: Flask, user: Account, **_about: Any) -> None:
    """The link in the mail has shown that the address is theirs."""
    user.confirmed_at = user.confirmed_at or _instant()


class _Words:
    """Flask-Security's sentences come through our own catalogs."""

    def gettext(self, text: str, **params: Any) -> str:
        return i18n.gettext(text, **params)

    def ngettext(self, one: str, many: str, num: int, **params: Any) -> str:
        return i18n.ngettext(one, many, num, num=num, **params)

    def format_list(self, items: list[str], **_style: Any) -> str:
        return ", ".join(items)


class Addresses(MailUtil):
    """Addresses are checked by their form only: asking the name servers would tell them who registers."""

    def normalize(self, email: str) -> str:
        try:
            reserved = settings().demo or settings().testing  # demo people live under .example or .test
            found = validate_email(email.strip(), check_deliverability=False, test_environment=reserved)
        except EmailNotValidError:
            problem = N_("This is not a mail address: it needs the form nama@contoh.id.")
            raise EmailValidateException(i18n.gettext(problem)) from None
        return found.normalized.lower()

    def validate(self, email: str) -> str:
        return self.normalize(email)

    def meant(self, email: str) -> str | None:
        """The address that is probably meant, where this one has nearly a domain that many have."""
        return None


def _take(limit: limits.Limit, address: str | None) -> None:
    """Count the attempt, or answer 429 with when to try again."""
    try:
        limits.take(limit, address or "", request.remote_addr or "")
    except limits.TooMany as much:
        raise TooManyRequests(retry_after=much.seconds) from None


def _ill_formed(form: Form) -> bool:
    """Say that an address is none where the view would hide every sentence about it; nobody learns from this."""
    try:
        app_security().mail_util.normalize(form.email.data or "")
    except EmailValidateException as problem:
        form.form_errors.append(problem.msg)
        return True
    return False


def app_security() -> Security:
    return cast(Security, current_app.extensions["security"])


class SignIn(LoginForm):
    remember = None  # type: ignore[assignment]  # WTForms' way to leave a field out

    def validate(self, **kwargs: Any) -> bool:
        _take(limits.SIGN_IN, self.email.data)
        if not super().validate(**kwargs):
            return False
        limits.forget(limits.SIGN_IN, self.email.data or "", request.remote_addr or "")
        return True


class Register(RegisterFormV2):
    name = StringField()
    doubt = ""  # the address that is probably meant

    def validate_name(self, field: StringField) -> None:
        try:
            field.data = people.tidy(field.data or "")
        except Invalid as error:
            raise ValidationError(error.problems["name"][0]) from None

    def validate(self, **kwargs: Any) -> bool:
        _take(limits.MAIL, self.email.data)
        address = (self.email.data or "").strip().lower()
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:address, 1))")
        db.session.execute(lock, {"address": address})  # a double click finds the account of the first one
        if self._is_doubtful(address):
            return False
        return bool(super().validate(**kwargs))

    def _is_doubtful(self, address: str) -> bool:
        """Asked once, whether there is such an account or not."""
        self.doubt = cast(Addresses, app_security().mail_util).meant(address) or ""
        if not self.doubt or request.form.get("sure", "").lower() == address:
            return False
        words = N_("Did you mean %(address)s? Correct it, or send again if it is right as it stands.")
        self.email.errors = [i18n.gettext(words, address=self.doubt)]
        return True

    def to_dict(self, only_user: bool) -> dict[str, Any]:
        return {**super().to_dict(only_user), "language": i18n.locale()}


class Forgot(ForgotPasswordForm):
    def validate(self, **kwargs: Any) -> bool:
        """An unconfirmed account may recover too; every address costs one hash (this or the view's)."""
        _take(limits.MAIL, self.email.data)
        if _ill_formed(self) or not Form.validate(self, **kwargs) or self.user is None or not self.user.is_active:
            return False
        hash_password("as much work as for nobody")
        return True


class Confirm(SendConfirmationForm):
    def validate(self, **kwargs: Any) -> bool:
        _take(limits.MAIL, self.email.data)
        return not _ill_formed(self) and bool(super().validate(**kwargs))
