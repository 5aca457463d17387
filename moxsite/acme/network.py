"""Requests to a certificate authority."""

from typing import Any, Final

import requests
from acme import client, messages

_TRIES: Final = 10


class Network(client.ClientNetwork):
    """Asks again when the authority no longer takes the nonce of a request (RFC 8555 section 6.5).

    The library does that once; busy authorities drop nonces more often than that.
    """

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a signed request. Raises as the library does."""
        for _ in range(_TRIES - 1):
            try:
                return self._post_once(*args, **kwargs)
            except messages.Error as error:
                if error.code != "badNonce":
                    raise
        return self._post_once(*args, **kwargs)
