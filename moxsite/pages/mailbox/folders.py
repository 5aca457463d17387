"""The mailboxes themselves: creating, renaming, what they are for, deleting."""

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mail.models import Account, Mailbox, Message, SpecialUse
from mail.store.mailbox_changes import ChangeMailbox, CreateMailbox, DeleteMailbox, MailboxRefused
from moxsite.pages.access import account_page
from moxsite.pages.mailbox.applying import Action, Order, carry_out, special_mailbox, write
from moxsite.pages.mailbox.folder_form import MailboxForm
from moxsite.pages.mailboxes import own_mailbox, side
from moxsite.pages.words import counted


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def mailboxes(request: HttpRequest, account: Account) -> HttpResponse:
    """The list, and a form that adds to it."""
    form = MailboxForm(request.POST if request.method == "POST" else None, initial={"subscribed": True})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            created = write(CreateMailbox(account.pk, given["name"], given["special_use"]))
            if not given["subscribed"]:
                name = Mailbox.objects.get(pk=created).name
                write(ChangeMailbox(account.pk, created, name, given["special_use"], False))
        except MailboxRefused as error:
            form.add_error("name", str(error))
        else:
            notes.success(request, f"There is a mailbox {given['name']} now.")
            return redirect("mail-mailboxes")
    context = {**side(account), "form": form}
    return render(request, "pages/mailboxes.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def change(request: HttpRequest, account: Account, mailbox_id: int) -> HttpResponse:
    """Another name, another use."""
    mailbox = own_mailbox(account, mailbox_id)
    is_inbox = mailbox.special_use == SpecialUse.INBOX
    initial = {name: getattr(mailbox, name) for name in ("name", "special_use", "subscribed")}
    form = MailboxForm(request.POST if request.method == "POST" else None, initial=initial, inbox=is_inbox)
    if request.method == "POST" and form.is_valid():
        given = {**initial, **form.cleaned_data}
        try:
            write(ChangeMailbox(account.pk, mailbox.pk, **given))
        except MailboxRefused as error:
            form.add_error(None if is_inbox else "name", str(error))
        else:
            notes.success(request, f"{given['name']} was saved.")
            return redirect("mail-mailboxes")
    context = {**side(account), "form": form, "mailbox": mailbox, "is_inbox": is_inbox}
    return render(request, "pages/mailbox_change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def delete(request: HttpRequest, account: Account, mailbox_id: int) -> HttpResponse:
    """Ask, move what is in it to the Trash, then delete it. What is in the Trash itself is gone for good."""
    mailbox = own_mailbox(account, mailbox_id)
    if request.method != "POST":
        context = {"mailbox": mailbox, "is_trash": mailbox.special_use == SpecialUse.TRASH}
        return render(request, "pages/mailbox_delete.html", context)
    uids = Message.objects.filter(mailbox=mailbox).order_by("uid").values_list("uid", flat=True)
    try:
        moved = carry_out(account, Order(Action.DELETE), {mailbox: list(uids)}) if uids else 0
        write(DeleteMailbox(account.pk, mailbox.pk))
    except MailboxRefused as error:
        notes.error(request, str(error))
        return redirect("mail-mailbox-change", mailbox.pk)
    text = f"{mailbox.name} was deleted."
    if moved and mailbox.special_use != SpecialUse.TRASH:
        text += f" {counted(moved, 'message')} moved to {special_mailbox(account, SpecialUse.TRASH).name}."
    notes.success(request, text)
    return redirect("mail-mailboxes")
