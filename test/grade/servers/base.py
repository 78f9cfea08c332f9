# What the servers in this folder share. Each of the others has one fault, and is otherwise in order.

import socket
import sys
import threading

HELLO = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\nHello, world!\n'
BIG = b'HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\nConnection: close\r\n\r\n' + b'x' * 20_000_000


def listener():
    """At the port in the first argument."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(('127.0.0.1', int(sys.argv[1])))
    server.listen(128)
    return server


def read_request(conn):
    """Up to the empty line, or what came of it before the client ended its side."""
    request = b''
    while b'\r\n\r\n' not in request and len(request) < 65536:
        part = conn.recv(4096)
        if not part:
            break
        request += part
    return request


def reply_to(request):
    return BIG if b' /big ' in request.split(b'\r\n')[0] else HELLO


def answer(conn):
    request = read_request(conn)
    if b'\r\n\r\n' in request:
        conn.sendall(reply_to(request))


def quietly(serve):
    """A client that is gone costs its own connection only."""
    def served(conn):
        try:
            serve(conn)
        except OSError:
            pass
        finally:
            conn.close()
    return served


def thread_each(serve):
    server = listener()
    while True:
        conn, _ = server.accept()
        threading.Thread(target=serve, args=[conn], daemon=True).start()
