"""The SMTP server's side of the protocol (RFC 5321, RFC 6409), without any idea of accounts or storage."""
