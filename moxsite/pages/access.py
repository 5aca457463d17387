"""Who may see an account's pages: its own login, and nobody else."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from mail.models import Account, Login

P = ParamSpec("P")
AccountView = Callable[Concatenate[HttpRequest, Account, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def own_login(request: HttpRequest) -> Login:
    """The login of the request as a row of its own; `request.user` is a stand-in that loads it late."""
    return Login.objects.select_related("account").get(name=request.user.get_username())


def account_page(view: AccountView[P]) -> View[P]:
    """Call `view` with the account of the login; everything it shows is looked up under that account.

    Without a login the answer is the login page, without an account a page that points to the admin.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        login = request.user
        assert isinstance(login, Login)  # login_required lets nobody else through
        account = login.account
        if account is None:
            return render(request, "pages/no_account.html")
        return view(request, account, *args, **kwargs)

    guarded_view: View[P] = login_required(guarded)  # type: ignore[assignment]
    return guarded_view
