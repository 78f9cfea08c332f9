# One client at a time.

from base import answer, listener, quietly

server = listener()
while True:
    quietly(answer)(server.accept()[0])
