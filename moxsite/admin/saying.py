"""Saying that a change was made, when the web is seen to use it."""

from django.contrib import messages
from django.http import HttpRequest

from mail.configuration.generation import read_generation
from webserver.in_use import wait_for_edges
from webserver.recent.asked import run_folder


def say_when_used(request: HttpRequest, text: str) -> None:
    """Show the text, and from when on the change holds. To be called after the commit; waits for seconds."""
    waited = wait_for_edges(run_folder(), read_generation())
    level = messages.WARNING if waited.others else messages.SUCCESS
    messages.add_message(request, level, f"{text} {waited.sentence}")
