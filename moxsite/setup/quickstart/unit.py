"""A unit for systemd: no process is root, and the ports below 1024 are opened all the same. Pure."""

from pathlib import Path
from typing import Final

USER: Final = "moxsite"


def unit_text(*, python: Path, manage: Path, folder: Path, data: Path, settings_file: Path) -> str:
    """The unit. Paths with spaces are quoted as systemd has it."""
    return f"""[Unit]
Description=moxsite mail and web server
Wants=network-online.target
After=network-online.target nss-lookup.target

[Service]
User={USER}
Group={USER}
WorkingDirectory={_escaped(folder)}
EnvironmentFile={_escaped(settings_file)}
ExecStart={_quoted(python)} {_quoted(manage)} serve
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=5
KillMode=mixed
TimeoutStopSec=60
LimitNOFILE=65536
UMask=0077

# The ports 25, 80, 443, 465 and 587, and nothing else of what root may do.
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes

ProtectSystem=strict
ReadWritePaths={_escaped(data)}
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _quoted(path: Path) -> str:
    text = _escaped(path)
    return f'"{text}"' if " " in text else text
