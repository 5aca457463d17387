"""Verifying the signatures of one message while it arrives (RFC 6376 section 6). Pure."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Final

from mail import clock
from mail.authentication.dkim.acceptance import refusal, result_of
from mail.authentication.dkim.digest import header_digest
from mail.authentication.dkim.key import PublicKey
from mail.authentication.dkim.keys import KeyMissing, find_keys
from mail.authentication.dkim.signature import Signature, SignatureSyntaxError, read_signature
from mail.authentication.results import DkimResult, Result
from mail.dkim.body import BodyHash, BodyShorterThanSigned
from mail.dns.resolver import Resolver
from mail.mime.headers import HeaderBlock

MOST_SIGNATURES: Final = 5
"""Signatures of one message that are verified; real mail has one to three."""

FIELD: Final = b"dkim-signature"
_MOST_READ: Final = 20
_LONGEST_FIELD: Final = 16 * 1024


class Verification:
    """The signatures of one message. Created when its header is there; then comes the body.

    `preferred` are the domain of the author and those above and below it: where there are more signatures
    than are verified, its own come first. Keys are asked for at once. For one event loop.
    """

    def __init__(
        self,
        resolver: Resolver,
        executor: Executor,
        header: HeaderBlock,
        *,
        preferred: str = "",
        seconds: float,
    ) -> None:
        self._executor = executor
        self._fields = header.fields
        self._given_up: list[DkimResult] = []
        wanted = self._accepted(_read_all(self._fields, self._given_up), preferred)
        self._hashes = {_body_key(signature): _body_hash(signature) for signature in wanted}
        self._keys = [
            (
                signature,
                asyncio.ensure_future(find_keys(resolver, signature.selector, signature.domain, seconds)),
            )
            for signature in wanted
        ]

    @property
    def needs_body(self) -> bool:
        """Whether there is anything to hash."""
        return bool(self._hashes)

    def update(self, data: bytes) -> None:
        """The next bytes of the body."""
        for body_hash in self._hashes.values():
            body_hash.update(data)

    async def results(self) -> tuple[DkimResult, ...]:
        """A result for each signature, once the body is complete. None has none. Never raises."""
        digests = {key: _finished(body_hash) for key, body_hash in self._hashes.items()}
        verified = [await self._result(signature, keys, digests) for signature, keys in self._keys]
        return (*verified, *self._given_up)

    def _accepted(self, signatures: Sequence[Signature], preferred: str) -> list[Signature]:
        moment = clock.now()
        found: list[Signature] = []
        for signature in sorted(signatures, key=lambda one: not _belongs(one.domain, preferred)):
            refused = refusal(signature, moment)
            if refused is None and len(found) == MOST_SIGNATURES:
                text = f"only {MOST_SIGNATURES} signatures are verified"
                refused = result_of(signature, Result.POLICY, text)
            if refused is not None:
                self._given_up.append(refused)
            else:
                found.append(signature)
        return found

    async def _result(
        self,
        signature: Signature,
        lookup: "asyncio.Future[tuple[PublicKey, ...] | KeyMissing]",
        digests: dict["_BodyKey", "_Body"],
    ) -> DkimResult:
        keys = await lookup
        if isinstance(keys, KeyMissing):
            result = Result.POLICY if keys.weak else Result.PERMERROR
            return result_of(signature, Result.TEMPERROR if keys.temporary else result, keys.reason)
        digest, whole = digests[_body_key(signature)]
        loop = asyncio.get_running_loop()
        results = [
            await loop.run_in_executor(
                self._executor, _verify, signature, key, self._fields, digest == signature.body_hash, whole
            )
            for key in keys
        ]
        return next((result for result in results if result.result is Result.PASS), results[0])


_BodyKey = tuple[str, int | None]
_Body = tuple[bytes, bool]
"""The hash, and whether it is over all of the body."""


def _read_all(fields: Sequence[bytes], given_up: list[DkimResult]) -> list[Signature]:
    found = []
    signatures = [raw for raw in fields if raw.partition(b":")[0].rstrip(b" \t").lower() == FIELD]
    if len(signatures) > _MOST_READ:
        given_up.append(DkimResult(Result.POLICY, reason=f"{len(signatures)} signatures are too many"))
    for raw in signatures[:_MOST_READ]:
        try:
            if len(raw) > _LONGEST_FIELD:
                raise SignatureSyntaxError("the signature is too long")
            found.append(read_signature(raw))
        except SignatureSyntaxError as error:
            given_up.append(DkimResult(Result.NEUTRAL, error.domain, error.selector, reason=str(error)))
    return found


def _belongs(domain: str, preferred: str) -> bool:
    return domain == preferred or domain.endswith("." + preferred) or preferred.endswith("." + domain)


def _body_key(signature: Signature) -> _BodyKey:
    return signature.body_form, signature.length


def _body_hash(signature: Signature) -> BodyHash:
    return BodyHash(signature.body_form, length=signature.length)


def _finished(body_hash: BodyHash) -> _Body:
    try:
        digest = body_hash.digest()
    except BodyShorterThanSigned:
        return b"", True
    return digest, body_hash.is_whole


def _verify(
    signature: Signature, key: PublicKey, fields: Sequence[bytes], body_matches: bool, whole: bool
) -> DkimResult:
    """On a thread: the arithmetic, and putting the header together, may take a millisecond."""
    if key.kind != signature.algorithm.partition("-")[0]:
        return result_of(signature, Result.PERMERROR, "the key is of another kind than the signature")
    if key.strict and signature.identity_domain != signature.domain:
        return result_of(signature, Result.PERMERROR, "the key is not for subdomains")
    reason = "" if body_matches else "the body was changed"
    if body_matches and not key.verifies(signature.value, header_digest(signature, fields)):
        reason = "the header was changed"
    if reason:
        # Whoever only tries it out asks for no consequences (RFC 6376 section 3.6.1, t=y).
        return result_of(signature, Result.NEUTRAL if key.testing else Result.FAIL, reason)
    if not whole:
        return result_of(signature, Result.POLICY, "the end of the body is not signed")
    return result_of(signature, Result.PASS)
