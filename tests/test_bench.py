"""What the bench says of engines that give no time."""

import signal
import socket
import time

from bench import asking

from hostile_server import answering, whole


def test_what_a_server_refuses_is_said_in_a_few_words() -> None:
    body = (
        b"Virtuoso 37000 Error TR...: transitive start not given\n\n"
        b"SPARQL query:\ndefine input:default-graph-uri <https://example.org/bench> SELECT ..."
    )

    def refuse(connection: socket.socket, head: bytes) -> None:
        connection.sendall(whole(body, "text/plain", "400 Bad Request"))

    with answering(refuse) as url:
        ask = asking._over_http(url, {})
        said = asking._asked(ask, time.process_time, "SELECT ...", 3, 60, signal.ITIMER_REAL)
    assert said == {"problem": "it refuses the question: transitive start not given"}


def test_what_another_server_says_is_said_whole() -> None:
    assert asking.told("Unknown function\nex:f\n") == "Unknown function ex:f"
    assert asking.told("Virtuoso 42000 Error SQ200: No column x") == "No column x"
