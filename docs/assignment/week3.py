# Week 3, the starting code: a loop that waits for all clients at once. Run: python3 week3.py 8080
# Your task: serve all of them on this one thread. No call but select may sleep.

import selectors
import socket
import sys


class Connection:
    """What the loop remembers of a client between two events: no thread's stack does it any longer."""

    def __init__(self, client):
        self.client = client
        self.request = b''
        # TODO: what of the reply is still to be sent


def open_listener(port):
    """A socket that takes connections on this port, from this machine only. accept on it never sleeps."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # otherwise bind fails for a minute after a stop
    listener.bind(('127.0.0.1', port))
    listener.listen(socket.SOMAXCONN)
    listener.setblocking(False)
    return listener


def accept_all():
    # TODO: accept until it raises BlockingIOError; setblocking(False) for each client.
    client, _ = listener.accept()
    loop.register(client, selectors.EVENT_READ, Connection(client))


def on_event(connection, events):
    # TODO: EVENT_READ: receive what is there, up to the empty line. Then send, and where send takes only a part or raises
    # BlockingIOError, wait for EVENT_WRITE (loop.modify) and send the rest later. /big is answered with 20,000,000 bytes.
    loop.unregister(connection.client)
    connection.client.close()


listener = open_listener(int(sys.argv[1]))
loop = selectors.DefaultSelector()
loop.register(listener, selectors.EVENT_READ)
while True:
    for key, events in loop.select():
        if key.data is None:
            accept_all()
        else:
            on_event(key.data, events)
