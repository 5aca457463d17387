from webserver.routing.values import Backend
from webserver.websocket.keepalive import is_on_this_machine


def test_a_backend_whose_name_looks_like_loopback_is_asked_whether_it_lives() -> None:
    def backend(host: str) -> Backend:
        return Backend(f"http://{host}:8080", tls=False, host=host, port=8080)

    assert is_on_this_machine(backend("127.0.0.1"))
    assert is_on_this_machine(backend("localhost"))
    assert not is_on_this_machine(backend("127.example.org"))
