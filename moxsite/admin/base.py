"""What all pages for configuration rows have in common."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, ValidationError
from django.db import models
from django.forms import CheckboxInput, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from moxsite.admin.fields import FIELD_OVERRIDES

_TOO_LONG = 19  # digits of an id
_REFUSED_LATE = "_moxsite_refused_late"


class PlainWidgets:
    """Fields for other rows are plain lists, without the buttons that open windows by JavaScript."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The form field of a column."""
        field = super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


class HistoryInAuditLog:
    """The history of a row is what the audit log has of it: Django’s own knows of changes by forms alone."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The log, searched for the name of the row."""
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is None:
            raise Http404
        query = urlencode({"q": str(row)})
        return redirect(f"{reverse('admin:moxsite_auditentry_changelist')}?{query}")


class CheckedList:
    """A list of rows whose address or form may be anybody's making. Django looks for whatever it says."""

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """What the list shows. Raises IncorrectLookupParameters, at which the whole list is shown."""
        try:
            shown: ChangeList = super().get_changelist_instance(request)  # type: ignore[misc]
        except OverflowError as error:  # a number that SQLite can't look for
            raise IncorrectLookupParameters from error
        return shown

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *more: Any, **named: Any
    ) -> HttpResponse | None:
        """The answer of an action. Raises BadRequest."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(text.isascii() and text.isdigit() and len(text) < _TOO_LONG for text in chosen):
            raise BadRequest("The rows that were chosen are none.")
        answer: HttpResponse | None = super().response_action(  # type: ignore[misc]
            request, queryset, *more, **named
        )
        return answer


class ConfigurationAdmin(CheckedList, HistoryInAuditLog, PlainWidgets, admin.ModelAdmin):  # type: ignore[type-arg]
    """A page for rows whose `save` validates: what is only then found wrong is shown in the form too.

    Rows of one form may contradict each other (two new addresses that are the same), which no single row's
    form can see. Then nothing of the form is saved.
    """

    formfield_overrides = FIELD_OVERRIDES
    show_full_result_count = False
    list_per_page = 100

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, headed by what it lists."""
        title = {"title": str(self.opts.verbose_name_plural).capitalize()}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, headed by the row's name."""
        row = self.get_object(request, object_id)
        title = {"title": f"{str(self.opts.verbose_name).capitalize()} {row}", "subtitle": None}
        return super().change_view(request, object_id, form_url, {**title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; once more, with the reason, when saving was refused."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            setattr(request, _REFUSED_LATE, refusal.messages)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **options: Any
    ) -> type[ModelForm[Any]]:
        """The form, which carries what was refused when the same data was saved before."""
        form = super().get_form(request, obj, change=change, **options)
        return _finished_form(form, getattr(request, _REFUSED_LATE, []))


def _finished_form(form: type[ModelForm[Any]], refused: list[str]) -> type[ModelForm[Any]]:
    """The form without colons after its labels, and with what was refused late."""

    def __init__(self: ModelForm[Any], *args: Any, **options: Any) -> None:  # noqa: N807
        form.__init__(self, *args, **{"label_suffix": "", **options})

    def full_clean(self: ModelForm[Any]) -> None:
        form.full_clean(self)
        if refused:
            self.add_error(None, refused)

    return type(form.__name__, (form,), {"__init__": __init__, "full_clean": full_clean})


class ConfigurationInline(PlainWidgets, admin.TabularInline):  # type: ignore[type-arg]
    """Rows that belong to the row of the page."""

    template = "admin/rows.html"
    formfield_overrides = FIELD_OVERRIDES
    extra = 1
    show_change_link = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The form field of a column, with a label: the head of the table is none for screen readers."""
        return _labelled(db_field.name, super().formfield_for_dbfield(db_field, request, **options))

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """The rows; fields that the form declares itself have labels too."""
        formset = super().get_formset(request, obj, **options)
        for name, field in formset.form.base_fields.items():
            _labelled(name, field)
        formset.deletion_widget = CheckboxInput(  # type: ignore[assignment]  # an instance will do
            attrs={"aria-label": "Delete"}
        )
        return formset


def _labelled(name: str, field: Any) -> Any:
    if field is not None:
        label = field.label or name.replace("_", " ").capitalize()
        field.widget.attrs.setdefault("aria-label", str(label))
    return field
