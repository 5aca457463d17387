"""Certificates from an authority that speaks ACME (RFC 8555), by HTTP challenges. docs/certificates.md."""
