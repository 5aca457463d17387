"""Which file below its root a static handler looks for."""

from webserver.routing.values import StaticSettings


def path_below(settings: StaticSettings, path: str) -> str | None:
    """The rest of a decoded, cleaned path behind the prefix; None when it does not have the prefix.

    It is "" or begins with a slash: /static does not lead to /static.txt or /static../secret.
    """
    if not path.startswith(settings.strip_prefix):
        return None
    rest = path[len(settings.strip_prefix) :]
    return rest if not rest or rest.startswith("/") else None
