"""Our account at the authority: made when it is first needed, kept sealed, made anew when it is forgotten."""

from django.conf import settings

from mail import clock
from mail.configuration.sealed import installation_seal
from mail.secrets import SealBroken
from moxsite.acme.client import AcmeClient, Binding, new_key
from moxsite.models import AcmeAccount


def open_client(directory: str) -> AcmeClient:
    """A client that is known to the authority. Raises AcmeProblem."""
    row = AcmeAccount.objects.filter(directory=directory).first()
    if row is not None:
        try:
            key = installation_seal().open(bytes(row.key_sealed), _context(directory))
        except SealBroken:
            row.delete()  # sealed with another secret key: nobody can use it any more
        else:
            return AcmeClient(directory, key, ca_file=settings.MOXSITE_TLS_CA_FILE, account_uri=row.uri)
    key = new_key()
    client = AcmeClient(directory, key, ca_file=settings.MOXSITE_TLS_CA_FILE)
    uri = client.register(settings.MOXSITE_ACME_CONTACT, _binding())
    sealed = installation_seal().seal(key, _context(directory))
    fields = {"key_sealed": sealed, "uri": uri, "created": clock.now()}
    AcmeAccount.objects.update_or_create(directory=directory, defaults=fields)
    return client


def forget_account(directory: str) -> None:
    """The authority does not know it any more."""
    AcmeAccount.objects.filter(directory=directory).delete()


def _binding() -> Binding | None:
    if not settings.MOXSITE_ACME_EAB_KEY_ID:
        return None
    return Binding(settings.MOXSITE_ACME_EAB_KEY_ID, settings.MOXSITE_ACME_EAB_HMAC_KEY)


def _context(directory: str) -> str:
    return f"acme account at {directory}"
