"""What quickstart tells: what was seen, what was made, the records, and what to do next. Pure."""

from dataclasses import dataclass
from pathlib import Path

from moxsite.setup.needs.facts import Facts
from moxsite.setup.needs.wanted import zone_text
from moxsite.setup.quickstart.beginning import Beginning
from moxsite.setup.quickstart.unit import USER
from moxsite.setup.quickstart.web_servers import caddy_snippet, nginx_snippet


@dataclass(frozen=True, slots=True)
class Files:
    """What was written."""

    settings: Path
    unit: Path
    kept: Path


def whole_text(beginning: Beginning, facts: Facts, files: Files, manage: str) -> str:
    """Everything but the passwords."""
    parts = [
        _seen(beginning),
        f"Files\n\n  {files.settings}  settings, read by every command here and by systemd\n"
        f"  {beginning.data}  mail, database and secrets: back it up, show it nobody\n"
        f"  {files.unit}  a unit for systemd\n  {files.kept}  this text\n",
        _next_steps(beginning, files, manage),
    ]
    if beginning.options.existing_webserver:
        parts.append(_web_servers(beginning, facts))
    parts.append(f"DNS records of {facts.domain}, for whoever runs its nameservers\n\n{zone_text(facts)}")
    return "\n".join(parts)


def _seen(beginning: Beginning) -> str:
    view = beginning.view
    lines = [f"What was found on {view.hostname}", ""]
    lines += [f"  ok       {sentence}" for sentence in view.good]
    lines += [f"  problem  {sentence}" for sentence in view.problems]
    return "\n".join([*lines, ""])


def _next_steps(beginning: Beginning, files: Files, manage: str) -> str:
    domain = beginning.address.domain
    steps = [
        "Publish the DNS records below. For reverse DNS ask whoever gave you the addresses.",
        "Let it run, and start with the machine:\n"
        f"       useradd --system --home-dir {beginning.data} {USER}\n"
        f"       chown -R {USER}: {beginning.data}\n"
        f"       chown root:{USER} {files.settings}; chmod 640 {files.settings}\n"
        f"       cp {files.unit} /etc/systemd/system/ && systemctl enable --now moxsite\n"
        f"     or try it in this terminal first: {manage} serve",
        f"Check the records: {manage} dnscheck {domain}",
        "Log in to the pages, change the passwords, and send mail to somewhere else.",
    ]
    if beginning.options.existing_webserver:
        steps.insert(2, "Put the snippet for your web server into its configuration, and reload it.")
    if beginning.options.certificate is None:
        steps.append(
            "Until there is a certificate of an authority, a self-made one is shown, and mail programs and "
            f"browsers warn. Take the # away from the last two lines of {files.settings}, if you agree to "
            "the terms of Let’s Encrypt, and restart: certificates are got and renewed by themselves once "
            "DNS leads here."
        )
    return "\n".join(["Next", "", *(f"  {number}. {step}" for number, step in enumerate(steps, 1)), ""])


def _web_servers(beginning: Beginning, facts: Facts) -> str:
    options = beginning.options
    names = list(
        dict.fromkeys(
            (
                facts.host.name,
                *(f"{prefix}.{facts.domain}" for prefix in ("mta-sts", "autoconfig", "autodiscover")),
            )
        )
    )
    nginx = nginx_snippet(
        names,
        options.http_port,
        certificate=str(options.certificate or "/path/to/certificate.pem"),
        key=str(options.key or "/path/to/key.pem"),
    )
    return (
        f"Your web server forwards these names to 127.0.0.1:{options.http_port}; its certificate must be for "
        f"all of them.\n\nnginx:\n\n{nginx}\nCaddy:\n\n{caddy_snippet(names, options.http_port)}"
    )
