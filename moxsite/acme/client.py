"""A conversation with a certificate authority: account, order, proof, certificate."""

import datetime
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import josepy.jwa
import josepy.jwk
from acme import challenges, client, errors, messages
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from requests.adapters import HTTPAdapter

from mail import clock
from moxsite.acme.network import Network
from moxsite.acme.problems import FAILURES, AcmeProblem, described
from moxsite.version import VERSION

ORDER_SECONDS: Final = 90
_NETWORK_SECONDS: Final = 20

Publish = Callable[[str, str], None]
"""Called with a token and what is to be answered for it."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What ties our account to one that the operator has at the authority (RFC 8555 section 7.3.4)."""

    key_id: str
    hmac_key: str


class AcmeClient:
    """Talks to one directory with one account key. Blocks: not for event loops.

    `ca_file` has certificates to trust beside the public ones. Every method raises AcmeProblem.
    """

    def __init__(
        self, directory: str, account_key: bytes, *, ca_file: str = "", account_uri: str = ""
    ) -> None:
        key = josepy.jwk.JWKEC(key=serialization.load_pem_private_key(account_key, None))
        account = None
        if account_uri:
            account = messages.RegistrationResource(uri=account_uri, body=messages.Registration())
        self._key = key
        self._network = Network(
            key, account, alg=josepy.jwa.ES256, user_agent=f"moxsite/{VERSION}", timeout=_NETWORK_SECONDS
        )
        if ca_file:
            self._network.session.mount("https://", _Trusting(ca_file))
        try:
            found = client.ClientV2.get_directory(directory, self._network)
            self._client = client.ClientV2(found, self._network)
        except FAILURES as error:
            raise described(error) from error

    def register(self, contact: str, binding: Binding | None) -> str:
        """Make an account, or find the one of this key; its address."""
        bound = None
        if binding is not None:
            bound = messages.ExternalAccountBinding.from_data(
                self._key.public_key(), binding.key_id, binding.hmac_key, self._client.directory
            )
        elif self._client.external_account_required():
            raise AcmeProblem(
                "The authority wants an account that you have there: set MOXSITE_ACME_EAB_KEY_ID and "
                "MOXSITE_ACME_EAB_HMAC_KEY to what it shows you."
            )
        wanted = messages.NewRegistration.from_data(
            email=contact or None, terms_of_service_agreed=True, external_account_binding=bound
        )
        try:
            return str(self._client.new_account(wanted).uri)
        except errors.ConflictError as known:
            self._network.account = messages.RegistrationResource(
                uri=known.location, body=messages.Registration()
            )
            return str(known.location)
        except FAILURES as error:
            raise described(error) from error

    def obtain(self, name: str, key: bytes, publish: Publish) -> bytes:
        """The certificate of a host name with its chain, for a private key; all as PEM."""
        deadline = _library_time(ORDER_SECONDS)
        try:
            order = self._client.new_order(_request(name, key))
            for authorization in order.authorizations:
                self._answer(authorization, publish)
            done = self._client.poll_and_finalize(order, deadline)
        except FAILURES as error:
            raise described(error) from error
        return str(done.fullchain_pem).encode("ascii")

    def _answer(self, authorization: messages.AuthorizationResource, publish: Publish) -> None:
        if authorization.body.status == messages.STATUS_VALID:
            return  # proved lately
        for challenge in authorization.body.challenges:
            if isinstance(challenge.chall, challenges.HTTP01):
                response, answer = challenge.response_and_validation(self._key)
                publish(challenge.chall.encode("token"), answer)
                self._client.answer_challenge(challenge, response)
                return
        raise AcmeProblem("The authority offers no HTTP challenge for this name.")


def new_key() -> bytes:
    """A P-256 private key as PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _request(name: str, key: bytes) -> bytes:
    private = serialization.load_pem_private_key(key, None)
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    signed = builder.sign(private, hashes.SHA256())  # type: ignore[arg-type]  # an EC or RSA key
    return signed.public_bytes(serialization.Encoding.PEM)


def _library_time(seconds: int) -> datetime.datetime:
    """A moment on the clock that the library looks at: naive, local, and moved by nobody."""
    real = clock.now() - clock.offset() + seconds * clock.SECOND
    return datetime.datetime.fromtimestamp(real / clock.SECOND)  # noqa: DTZ006 - as the library has it


class _Trusting(HTTPAdapter):
    """Trusts some certificates beside the public ones, for private authorities."""

    def __init__(self, ca_file: str) -> None:
        self._context = ssl.create_default_context()
        self._context.load_verify_locations(ca_file)
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """With our context."""
        super().init_poolmanager(*args, **options, ssl_context=self._context)
