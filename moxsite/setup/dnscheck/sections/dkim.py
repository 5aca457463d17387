"""Whether the keys that sign are published (RFC 6376). Pure."""

from mail.authentication.dkim.key import KeyUnusable, read_key
from mail.authentication.tags import parse_tags, without_space
from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.facts import Key
from moxsite.setup.needs.records import txt


async def look(check: Check, section: Section) -> None:
    """The record of every key."""
    facts = check.facts
    if not any(key.signs for key in facts.keys):
        section.error(
            f"Mail of {facts.domain} is not signed. Make keys on the domain’s page or with “dkim add "
            f"{facts.domain}”."
        )

    async def look_at(key: Key) -> None:
        await _look_at_key(check, section, key)

    await each(section, facts.keys, look_at)


async def _look_at_key(check: Check, section: Section, key: Key) -> None:
    wanted = txt(key.name, key.text)
    texts = await records(check.dns.txt(key.name))
    if not texts and not key.signs:
        section.warning(f"{key.name} is not published yet; it must be before the key signs.", wanted)
    elif not texts:
        section.error(f"{key.name} is not published, so signatures can’t be verified.", wanted)
    elif len(texts) > 1:
        section.error(f"{key.name} has {len(texts)} TXT records; there must be one.", wanted)
    else:
        try:
            read_key(texts[0])
        except KeyUnusable as error:
            section.error(f"The record {key.name} can’t be used: {error}.", wanted)
            return
        if _data(texts[0]) != _data(key.text):
            section.error(f"{key.name} is not the key that signs here.", wanted)


def _data(text: str) -> str:
    return without_space(parse_tags(text).get("p", ""))
