"""Snippets for web servers that stand in front. Pure."""

from collections.abc import Sequence


def nginx_snippet(names: Sequence[str], port: int, *, certificate: str, key: str) -> str:
    """For nginx; certificates stay with it."""
    return f"""server {{
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name {" ".join(names)};
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    client_max_body_size 0;

    location / {{
        proxy_pass http://127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 1h;
    }}
}}
"""


def caddy_snippet(names: Sequence[str], port: int) -> str:
    """For Caddy, which gets certificates by itself, and passes on where a request came from."""
    return f"""{", ".join(names)} {{
    reverse_proxy 127.0.0.1:{port} {{
        flush_interval -1
    }}
}}
"""
