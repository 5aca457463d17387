"""The reverse DNS of a client (RFC 8601 section 2.7.3, RFC 1912 section 2.1). Pure."""

import asyncio
from typing import Final

from mail.authentication.results import IprevResult, Result
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.resolver import Resolver
from mail.ip_address import IPAddress, client_address

MOST_NAMES: Final = 5
"""Names of one address that are looked up; more would let a client keep us busy."""


async def check_iprev(resolver: Resolver, ip: str, seconds: float) -> IprevResult:
    """Look up the names of the address, and whether one of them has the address. Never raises.

    pass: `name` has it. fail: no name has it. permerror: there is no name. temperror: there was no answer.
    """
    try:
        address = client_address(ip)
        async with asyncio.timeout(seconds):
            return await _check(resolver, address)
    except (DnsTemporary, TimeoutError):
        return IprevResult(Result.TEMPERROR, ip)
    except (DnsNotFound, ValueError):
        return IprevResult(Result.PERMERROR, ip)


async def _check(resolver: Resolver, address: IPAddress) -> IprevResult:
    names = (await resolver.ptr(str(address))).records[:MOST_NAMES]
    found = await asyncio.gather(*(_has_address(resolver, name, address) for name in names))
    for name, result in zip(names, found, strict=True):
        if result is Result.PASS:
            return IprevResult(Result.PASS, str(address), name)
    result = Result.TEMPERROR if Result.TEMPERROR in found else Result.FAIL
    return IprevResult(result, str(address), names[0])


async def _has_address(resolver: Resolver, name: str, address: IPAddress) -> Result:
    ipv4 = address.version == 4
    try:
        answer = await resolver.addresses(name, ipv4=ipv4, ipv6=not ipv4)
    except DnsTemporary:
        return Result.TEMPERROR
    except DnsNotFound:
        return Result.FAIL
    matches = any(client_address(record) == address for record in answer.records)
    return Result.PASS if matches else Result.FAIL
