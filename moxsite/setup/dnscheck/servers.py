"""Connecting to servers as others do, to see what they see. Pure."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate

from delivery.mtasts.fetch import PolicyFetcher, PolicyUnavailable
from delivery.smtp.client.connect import connect
from delivery.smtp.client.failure import DeliveryFailure
from delivery.smtp.client.session import Greeter, leave, open_session
from delivery.smtp.client.tls import TlsMode, TlsPolicy, Trust
from moxsite.setup.dnscheck.checking import ServerProblem

CONNECT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class RealServers:
    """`trust` and `web_trust` are whom certificates are believed from, `fetcher` gets policies."""

    ehlo_name: str
    trust: Trust
    web_trust: ssl.SSLContext = field(repr=False)
    fetcher: PolicyFetcher
    smtp_port: int = 25
    https_port: int = 443

    async def smtp_tls(self, host: str, ip: str) -> None:
        """As a sending server with strict demands."""
        await self._greet(host, ip, TlsPolicy(TlsMode.REQUIRED, verify=True))

    async def smtp_key(self, host: str, ip: str) -> str:
        """As a sending server that only looks."""
        seen: list[str] = []

        def note(chain: Sequence[Certificate]) -> str:
            key = chain[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            seen.append(sha256(key).hexdigest())
            return ""

        await self._greet(host, ip, TlsPolicy(TlsMode.REQUIRED, verify=False, vouch=note))
        return seen[0]

    async def _greet(self, host: str, ip: str, policy: TlsPolicy) -> None:
        try:
            connection = await connect(ip, self.smtp_port, seconds=CONNECT_SECONDS)
            greeter = Greeter(self.ehlo_name, policy, self.trust)
            session = await open_session(connection, host, ip, self.smtp_port, greeter)
        except DeliveryFailure as failure:
            raise ServerProblem(failure.public.text.rstrip(".")) from None
        goodbye = leave(session)
        if goodbye is not None:
            await goodbye

    async def https(self, host: str, ip: str) -> None:
        """As a browser would begin."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, writer = await asyncio.open_connection(
                    ip, self.https_port, ssl=self.web_trust, server_hostname=host
                )
        except TimeoutError:
            raise ServerProblem(
                f"port {self.https_port} does not answer within {CONNECT_SECONDS:g} s"
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise ServerProblem(f"the certificate is not accepted: {error.verify_message}") from None
        except OSError as error:
            raise ServerProblem(f"port {self.https_port} can’t be used: {error.strerror or error}") from None
        writer.close()

    async def policy(self, domain: str, ips: tuple[str, ...]) -> str:
        """As a sending server does."""
        try:
            return await asyncio.to_thread(self.fetcher.fetch, domain, ips)
        except PolicyUnavailable as error:
            raise ServerProblem(str(error)) from None
