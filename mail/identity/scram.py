"""Checking logins by SCRAM against the stored verifiers."""

from dataclasses import dataclass, field

from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.identity.finding import find_login
from mail.identity.passwords import salts_of
from mail.identity.salts import fake_salts
from mail.identity.verify import VerifiedLogin, admit
from mail.models import Credential, Domain, Login
from mail.sasl.scram_server import ScramClaim


@dataclass(frozen=True, slots=True)
class VerifiedScram:
    """Who has logged in, and the message that proves the server to the client."""

    login: VerifiedLogin
    answer: bytes = field(repr=False)


def scram_salt(username: str, hash_name: str) -> tuple[bytes, int]:
    """Salt and iterations for this user name, whether or not there is such a login.

    Reads the database: not for event loops.
    """
    unknown = fake_salts(_canonical(username))  # in any case, so that time does not tell who exists
    login = find_login(username)
    salts = (salts_of(login) if login is not None else None) or unknown
    return salts.of_hash(hash_name), salts.iterations


def verify_scram(claim: ScramClaim) -> VerifiedScram | None:
    """Who this is; None for an unknown user name, a wrong proof, or a login without an account.

    Any of the login's passwords may have made the proof. Reads the database: not for event loops. Raises
    MailError (525 5.7.13) when the proof is right and the login is disabled.
    """
    login = find_login(claim.username)
    credential = _proven(login, claim)
    if login is None or credential is None or login.account is None:
        return None
    verified = admit(login, login.account, credential)
    _, server_key = _keys(credential, claim.hash_name)
    return VerifiedScram(verified, claim.answer(server_key))


def _proven(login: Login | None, claim: ScramClaim) -> Credential | None:
    """The credential that the proof was made with; none when the salts have changed meanwhile.

    For nobody the work is the same.
    """
    salts = salts_of(login) if login is not None else None
    told = salts is not None and (salts.of_hash(claim.hash_name), salts.iterations)
    found = None
    for credential in [Credential(), *Credential.objects.filter(login_id=login.pk if login else 0)]:
        stored_key, _ = _keys(credential, claim.hash_name)
        if claim.matches(stored_key) and told == (claim.salt, claim.iterations):
            found = credential
    return found


def _keys(credential: Credential, hash_name: str) -> tuple[bytes, bytes]:
    """StoredKey and ServerKey."""
    if hash_name == "SHA-256":
        return bytes(credential.scram_sha_256_stored_key), bytes(credential.scram_sha_256_server_key)
    return bytes(credential.scram_sha_1_stored_key), bytes(credential.scram_sha_1_server_key)


def _canonical(username: str) -> str:
    """What an unknown name stands for: real addresses of one person have the same salt, too."""
    try:
        address = parse_address(username)
    except AddressError:
        return username
    domain = Domain.objects.filter(name=address.domain).first()
    localpart = domain.rules.canonical(address.localpart) if domain else address.localpart
    return f"{localpart}@{address.domain}"
