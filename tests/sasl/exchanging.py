"""A whole SCRAM exchange between our two sides."""

from mail.sasl.exchange import SaltQuestion
from mail.sasl.scram_client import ScramClient
from mail.sasl.scram_server import ScramClaim, ScramServer
from mail.sasl.verifier import ScramVerifier


def run_exchange(client: ScramClient, server: ScramServer, verifier: ScramVerifier) -> ScramClaim:
    """Up to the claim; the client still waits for the server's proof."""
    question = server.step(client.initial())
    assert isinstance(question, SaltQuestion)
    claim = server.step(client.step(question.answer(verifier.salt, verifier.iterations)))
    assert isinstance(claim, ScramClaim)
    return claim
