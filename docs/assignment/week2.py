# Week 2, the starting code: what week 1 asked for, one client after the other. Run: python3 week2.py 8080
# Your task: a silent client must not hold up the others. Give each client a thread of its own.

import socket
import sys

LONGEST_REQUEST = 8192
REPLY = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\nHello, world!\n'


def open_listener(port):
    """A socket that takes connections on this port, from this machine only."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # otherwise bind fails for a minute after a stop
    listener.bind(('127.0.0.1', port))
    listener.listen(socket.SOMAXCONN)
    return listener


def receive_request(client):
    """Whether a whole request came: up to the empty line."""
    request = b''
    while len(request) < LONGEST_REQUEST:
        part = client.recv(LONGEST_REQUEST - len(request))
        if not part:
            return False  # the client sends no more
        request += part
        if b'\r\n\r\n' in request:
            return True
    return False


def serve(client):
    try:
        if receive_request(client):
            client.sendall(REPLY)
    except OSError:
        pass  # the client has gone
    finally:
        client.close()


listener = open_listener(int(sys.argv[1]))
while True:
    client, _ = listener.accept()
    serve(client)  # TODO: in a thread of its own: threading.Thread, with daemon=True
