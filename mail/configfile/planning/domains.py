"""Changes of domains themselves."""

from functools import partial

from mail.configfile.section import Change, Phase, changed_fields, differences
from mail.configfile.values import DomainValue
from mail.models import Domain

_KEYS = {
    "separators": "localpart_separators",
    "case_sensitive": "localpart_case_sensitive",
    "disabled": "disabled",
    "dmarc_reject": "dmarc_reject",
}


def plan_domains(stored: dict[str, DomainValue], wanted: dict[str, DomainValue]) -> list[Change]:
    """Domains that come, go or read addresses in another way."""
    changes = []
    for change in differences(stored, wanted):
        name, old, new = change.key, change.old, change.new
        if new is None:
            effect = f"mail to {name} is no longer accepted"
            changes.append(Change(Phase.REMOVE, f"- domain {name}", partial(_remove, name), effect))
        elif old is None:
            details = changed_fields(DomainValue(), new, _KEYS)
            text = f"+ domain {name}" + (f": {details}" if details else "")
            changes.append(Change(Phase.DOMAINS, text, partial(_save, Domain(name=name), new)))
        elif details := changed_fields(old, new, _KEYS):
            effect = (
                f"mail from and to {name} is refused for now" if new.disabled and not old.disabled else ""
            )
            changes.append(
                Change(Phase.DOMAINS, f"~ domain {name}: {details}", partial(_update, name, new), effect)
            )
    return changes


def _update(name: str, value: DomainValue) -> None:
    _save(Domain.objects.get(name=name), value)


def _save(domain: Domain, value: DomainValue) -> None:
    domain.localpart_separators = list(value.separators)
    domain.localpart_case_sensitive = value.case_sensitive
    domain.disabled = value.disabled
    domain.dmarc_reject = value.dmarc_reject
    domain.save()


def _remove(name: str) -> None:
    Domain.objects.get(name=name).delete()
