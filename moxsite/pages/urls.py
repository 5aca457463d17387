"""URLs of the account pages. The first word of a name is the place of the navigation a page belongs to."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from moxsite.pages import (
    account,
    app_passwords,
    html_body,
    log_ins,
    login_code,
    message,
    parts,
    second_factor,
    sent,
    source,
    suppressed,
    timeline,
)
from moxsite.pages.imports import one as imports
from moxsite.pages.imports.overview import overview as imports_overview
from moxsite.pages.login import LoginPage
from moxsite.pages.mailbox import actions, exporting, folders, listing, searching

urlpatterns = [
    path("login/", LoginPage.as_view(), name="login"),
    path("login/code/", login_code.login_code, name="login-code"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("", listing.inbox, name="mail"),
    path("mail/search/", searching.search, name="mail-search"),
    path("mail/act/", actions.act, name="mail-act"),
    path("mail/mailboxes/", folders.mailboxes, name="mail-mailboxes"),
    path("mail/mailboxes/<int:mailbox_id>/", folders.change, name="mail-mailbox-change"),
    path("mail/mailboxes/<int:mailbox_id>/delete/", folders.delete, name="mail-mailbox-delete"),
    path("mail/<int:mailbox_id>/", listing.mailbox, name="mail-mailbox"),
    path("mail/<int:mailbox_id>/<int:uid>/", message.message, name="mail-message"),
    path("mail/<int:mailbox_id>/<int:uid>/html/<int:number>/", html_body.html_body, name="mail-html"),
    path("mail/<int:mailbox_id>/<int:uid>/parts/<int:number>/", parts.part, name="mail-part"),
    path("mail/<int:mailbox_id>/<int:uid>/headers/", source.headers, name="mail-headers"),
    path("mail/<int:mailbox_id>/<int:uid>/source/", source.source, name="mail-source"),
    path("mail/<int:mailbox_id>/<int:uid>/raw/", source.raw, name="mail-raw"),
    path("export/", exporting.export, name="import-export"),
    path("export/download/", exporting.download, name="import-export-download"),
    path("sent/", sent.sent, name="sent"),
    path("sent/<int:message_id>/", timeline.sent_message, name="sent-message"),
    path("import/", imports_overview, name="import"),
    path("import/<slug:token>/", imports.one, name="import-one"),
    path("import/<slug:token>/upload/", imports.upload, name="import-upload"),
    path("import/<slug:token>/start/", imports.start, name="import-start"),
    path("import/<slug:token>/abort", imports.abort, name="import-abort"),
    path("import/<slug:token>/abort/", imports.abort),
    path("import/<slug:token>/undo/", imports.undo, name="import-undo"),
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
