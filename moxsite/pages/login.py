"""Logging in with an address or a login's name."""

from typing import Any, Final

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView

_REFUSED: Final = (
    "Name and password do not belong together. Check both; capital letters count in the password."
)


class LoginForm(AuthenticationForm):
    """Says the same whether the name, the password or the permission is missing: nobody learns who exists."""

    error_messages = {"invalid_login": _REFUSED, "inactive": _REFUSED}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        name = self.fields["username"]
        name.label = "Address or name"
        name.widget = forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True, "maxlength": 320}
        )
        assert isinstance(name, forms.CharField)
        name.max_length = 320


class LoginPage(LoginView):
    """The login of the account pages; the admin's leads here too."""

    template_name = "login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """The context without Django's `site`, which would hide ours."""
        context: dict[str, Any] = super().get_context_data(**options)
        del context["site"]
        return context
