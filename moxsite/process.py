"""What this process is, as far as others must know."""

_embeds_broker = False


def embed_broker() -> None:
    """Said by runworker: this process dispatches and works, so the broker may be in its memory."""
    global _embeds_broker
    _embeds_broker = True


def embeds_broker() -> bool:
    """Whether a broker in memory can work here."""
    return _embeds_broker
