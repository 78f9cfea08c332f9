# Listens, but not where it was told to.

import socket
import time

server = socket.socket()
server.bind(('127.0.0.1', 0))
server.listen()
print('at', server.getsockname()[1], flush=True)
time.sleep(1000)
