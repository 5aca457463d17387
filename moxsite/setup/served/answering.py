"""What is answered at the hosts that DNS names, for every kind of request. Pure.

Which host serves what is in webserver.routing.system; nothing of this is reached elsewhere.
"""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qs

from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from moxsite.setup.needs.facts import Facts, Host
from moxsite.setup.needs.mta_sts import policy_text
from moxsite.setup.served.apple import apple_profile
from moxsite.setup.served.outlook import UnreadableRequest, autodiscover, requested_address
from moxsite.setup.served.settings import ClientSettings
from moxsite.setup.served.thunderbird import autoconfig
from webserver.dispatch.system import SystemAnswer, SystemRequest
from webserver.routing.system import MTA_STS_PREFIX, SystemEndpoint
from webserver.routing.values import WebSnapshot

Answering = Callable[[SystemRequest], SystemAnswer]

_SETTINGS_PREFIXES: Final = ("", "autoconfig.", "autodiscover.")
_FRESH: Final = (("Cache-Control", "no-store"),)
_XML: Final = "application/xml; charset=utf-8"
_LONGEST_NAME: Final = 200
_MOST_FIELDS: Final = 20


class Answers:
    """The answers of an installation whose machines have these names, the first being this one."""

    def __init__(self, host_names: Sequence[str]) -> None:
        self._hosts = tuple(map(Host, host_names))

    def by_endpoint(self) -> dict[SystemEndpoint, Answering]:
        """What answers where."""
        return {
            SystemEndpoint.MTA_STS: self.policy,
            SystemEndpoint.CLIENT_SETTINGS: self.client_settings,
        }

    def policy(self, asked: SystemRequest) -> SystemAnswer:
        """The MTA-STS policy (RFC 8461 section 3.3)."""
        domain = asked.request.host.removeprefix(MTA_STS_PREFIX)
        return SystemAnswer(policy_text(Facts(domain, self._hosts)).encode("ascii"), headers=_FRESH)

    def client_settings(self, asked: SystemRequest) -> SystemAnswer:
        """The settings in the form that the path is for."""
        path = asked.request.path.decoded.lower()
        if path.startswith("/autodiscover/"):
            return self.autodiscover(asked)
        return self.apple_profile(asked) if path.endswith(".mobileconfig") else self.autoconfig(asked)

    def autoconfig(self, asked: SystemRequest) -> SystemAnswer:
        """Settings for Thunderbird; with ?emailaddress= for one address."""
        if asked.request.method not in ("GET", "HEAD"):
            return _refusal(405, "Ask with GET.")
        try:
            found = self._settings(asked, _field(asked, "emailaddress"))
        except AddressError as error:
            return _bad_address(error)
        if not found.domain:
            return _refusal(400, "Say for which address: ?emailaddress=you@example.org")
        return SystemAnswer(autoconfig(found), _XML, headers=_FRESH)

    def autodiscover(self, asked: SystemRequest) -> SystemAnswer:
        """Settings for Outlook, which names the address in its request."""
        if asked.request.method != "POST":
            return _refusal(405, "Ask with POST, as Outlook does.")
        try:
            found = self._settings(asked, requested_address(asked.content))
        except AddressError as error:
            return _bad_address(error)
        except UnreadableRequest as error:
            return _refusal(400, str(error))
        return SystemAnswer(autodiscover(found), _XML, headers=_FRESH)

    def apple_profile(self, asked: SystemRequest) -> SystemAnswer:
        """A profile for Apple devices; ?addresses= names the address, ?name= its owner."""
        if asked.request.method not in ("GET", "HEAD"):
            return _refusal(405, "Ask with GET.")
        address = _field(asked, "addresses").partition(",")[0]
        try:
            found = self._settings(asked, address, _field(asked, "name"))
        except AddressError as error:
            return _bad_address(error)
        if not found.address:
            return _refusal(400, "Say for which address: ?addresses=you@example.org")
        kept = ("Content-Disposition", f'attachment; filename="{found.domain}.mobileconfig"')
        return SystemAnswer(apple_profile(found), "application/x-apple-aspen-config", headers=(*_FRESH, kept))

    def _settings(self, asked: SystemRequest, text: str, full_name: str = "") -> ClientSettings:
        """For an address of the domain that the host is for, or of any domain here. Raises AddressError."""
        domain = settings_domain(asked.web, asked.request.host)
        host = self._hosts[0].name
        name = "".join(character for character in full_name if character.isprintable())[:_LONGEST_NAME]
        if not text:
            return ClientSettings(domain, host, full_name=name)
        address = parse_address(text)
        if address.domain != domain and (domain or address.domain not in asked.web.mail_domains):
            raise AddressError("the address is of another domain")
        return ClientSettings(address.domain, host, str(address), name)


def settings_domain(web: WebSnapshot, host: str) -> str:
    """The mail domain whose settings this host serves; "" for the hosts of this server itself."""
    candidates = (host.removeprefix(prefix) for prefix in _SETTINGS_PREFIXES)
    return next((domain for domain in candidates if domain in web.mail_domains), "")


def _field(asked: SystemRequest, name: str) -> str:
    """The first value of a field of the query; nothing for a query that can't be read."""
    try:
        fields = parse_qs(asked.request.query, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ""
    return fields.get(name, [""])[0]


def _refusal(status: int, text: str) -> SystemAnswer:
    return SystemAnswer(text.encode("utf-8"), status=status, headers=_FRESH)


def _bad_address(error: AddressError) -> SystemAnswer:
    return _refusal(400, f"This is no address of this server: {error}.")
