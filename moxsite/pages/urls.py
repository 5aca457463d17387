"""URLs of the account pages. The first word of a name is the place of the navigation a page belongs to."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from moxsite.pages import (
    account,
    app_passwords,
    html_body,
    log_ins,
    login_code,
    mail,
    message,
    parts,
    second_factor,
    sent,
    source,
    suppressed,
    timeline,
)
from moxsite.pages.login import LoginPage

urlpatterns = [
    path("login/", LoginPage.as_view(), name="login"),
    path("login/code/", login_code.login_code, name="login-code"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("", mail.inbox, name="mail"),
    path("mail/<int:mailbox_id>/", mail.mailbox, name="mail-mailbox"),
    path("mail/<int:mailbox_id>/<int:uid>/", message.message, name="mail-message"),
    path("mail/<int:mailbox_id>/<int:uid>/html/<int:number>/", html_body.html_body, name="mail-html"),
    path("mail/<int:mailbox_id>/<int:uid>/parts/<int:number>/", parts.part, name="mail-part"),
    path("mail/<int:mailbox_id>/<int:uid>/headers/", source.headers, name="mail-headers"),
    path("mail/<int:mailbox_id>/<int:uid>/raw/", source.raw, name="mail-raw"),
    path("sent/", sent.sent, name="sent"),
    path("sent/<int:message_id>/", timeline.sent_message, name="sent-message"),
    path("account/", account.account, name="account"),
    path("account/log-ins/", log_ins.log_ins, name="account-log-ins"),
    path("account/password/", account.change_password, name="account-password"),
    path("account/second-factor/", second_factor.second_factor, name="account-second-factor"),
    path("account/suppressed/", suppressed.suppressed, name="account-suppressed"),
    path("account/suppressed/<int:entry_id>/remove/", suppressed.remove, name="account-suppressed-remove"),
    path("account/app-passwords/", app_passwords.add, name="account-app-password-add"),
    path(
        "account/app-passwords/<int:credential_id>/remove/",
        app_passwords.remove,
        name="account-app-password-remove",
    ),
]
