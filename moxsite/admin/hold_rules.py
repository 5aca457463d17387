"""Hold rules: mail that waits until somebody looks at it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from delivery.models import HoldRule
from delivery.queue.holding_operations import (
    RuleText,
    add_hold_rule,
    held_by,
    remove_hold_rule,
    rule_of,
)
from delivery.queue.selection import WrongFilter, stored_domain
from mail.models import Account
from moxsite.admin.base import ConfigurationAdmin
from moxsite.admin.fields import NamedChoice
from moxsite.admin.moments import MomentInput
from moxsite.pages.words import counted
from moxsite.templatetags.words import exact


class DomainInput(forms.CharField):
    """A domain or address literal, as it is stored."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(max_length=255, **options)

    def clean(self, value: Any) -> str:
        """The stored form."""
        typed: str = super().clean(value)
        try:
            return stored_domain("domain", typed) if typed else ""
        except WrongFilter as error:
            raise ValidationError(f"{error}.") from None


class HoldRuleForm(forms.Form):
    """A new rule; an empty field matches everything."""

    account = NamedChoice(
        Account.objects.all(), required=False, help_text="Name of the account that sends. Empty: any."
    )
    sender_domain = DomainInput(
        required=False, help_text="The domain of the envelope sender. Empty: any, also the null sender."
    )
    recipient_domain = DomainInput(required=False, help_text="Empty: any.")
    everything = forms.BooleanField(
        label="Hold all mail", required=False, help_text="Needed if the three fields above are empty."
    )
    reason = forms.CharField(
        required=False,
        max_length=200,
        help_text="Shown with each recipient that is held, also to its sender.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    until = MomentInput(
        required=False,
        help_text="When the rule and its holds end by themselves: from now, such as 2d, or a time in UTC. "
        "Empty: when somebody removes it.",
    )

    def clean(self) -> dict[str, Any]:
        """A rule for all mail is meant."""
        cleaned: dict[str, Any] = super().clean() or {}
        given = [cleaned.get(name) for name in ("account", "sender_domain", "recipient_domain")]
        if not self.errors and not any(given) and not cleaned.get("everything"):
            raise ValidationError("This would hold all mail. Fill in a field, or say that you mean it.")
        return cleaned

    def rule(self) -> RuleText:
        """The rule, once the form is valid."""
        said = self.cleaned_data
        account = said["account"].pk if said["account"] else None
        return RuleText(
            account, said["sender_domain"], said["recipient_domain"], said["reason"], said["until"]
        )


class HoldRuleAdmin(ConfigurationAdmin):
    """Rules are made and removed, not changed: what they hold refers to them as they are."""

    list_display = ("what", "reason", "holds", "ends", "since", "created_by", "remove")
    list_display_links = None
    list_select_related = ("account",)
    sortable_by = ()
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The list has all there is to see of a rule."""
        return redirect("admin:delivery_holdrule_changelist")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make a rule and hold what matches. No transaction is open meanwhile: the writer has its own."""
        form = HoldRuleForm(
            request.POST if request.method == "POST" else None, auto_id="rule_%s", label_suffix=""
        )
        if request.method != "POST" or not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": "Add a hold rule",
                "form": form,
                "opts": self.opts,
            }
            return TemplateResponse(
                request, "admin/hold_rule_add.html", context, status=422 if form.errors else 200
            )
        rule, count = add_hold_rule(form.rule(), request.user.get_username())
        row = HoldRule.objects.select_related("account").get(pk=rule.id)
        self.log_addition(request, row, [{"added": {}}])
        held = f"{counted(count, 'recipient')} of the queue matched."
        messages.success(request, f"From now on {row} is held. {held}")
        return redirect("admin:delivery_holdrule_changelist")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask whether what it holds is to be released, then remove it."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        held = held_by(rule_of(row)).count()
        if request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "title": "Remove a hold rule?",
                "what": str(row),
                "held": held,
                "opts": self.opts,
            }
            return TemplateResponse(request, "admin/hold_rule_remove.html", context)
        release = "release" in request.POST
        released = remove_hold_rule(row.pk, release=release, by=request.user.get_username())
        kept = f"{counted(released or 0, 'recipient')} released." if release else "What it held stays held."
        messages.success(request, f"The rule is removed: {row} is not held any more. {kept}")
        return redirect("admin:delivery_holdrule_changelist")

    @admin.display(description="Holds")
    def what(self, row: HoldRule) -> str:
        """What it matches."""
        return str(row)

    @admin.display(description="Held now")
    def holds(self, row: HoldRule) -> int:
        """How many recipients."""
        return held_by(rule_of(row)).count()

    @admin.display(description="Until")
    def ends(self, row: HoldRule) -> str:
        """When it ends by itself."""
        return exact(row.until) or "removed"

    @admin.display(description="Since")
    def since(self, row: HoldRule) -> str:
        """When it was made."""
        return exact(row.created)

    @admin.display(description="")
    def remove(self, row: HoldRule) -> str:
        """The way to its end."""
        url = reverse("admin:delivery_holdrule_delete", args=[row.pk])
        return format_html('<a href="{}">Remove…<span class="unseen-text"> {}</span></a>', url, str(row))
