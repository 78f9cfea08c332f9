// Week 1, the starting code: it listens, and answers without reading. Build: cc -Wall -Wextra -g -o server week1.c
// Your task: read the request up to its empty line, however it comes, and survive every client.

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char REPLY[] = "HTTP/1.1 200 OK\r\n"
                            "Content-Length: 14\r\n"
                            "Connection: close\r\n"
                            "\r\n"
                            "Hello, world!\n";

static void fail(const char *call) {
    perror(call);
    exit(1);
}

// A socket that takes connections on this port, from this machine only.
static int open_listener(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) fail("socket");
    int on = 1; // otherwise bind fails for a minute after a stop
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) fail("setsockopt");
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
    if (listen(fd, SOMAXCONN) < 0) fail("listen");
    return fd;
}

static void serve(int fd) {
    // TODO: receive until the empty line is there: recv gives any part of the request, and 0 at its end.
    // TODO: send may take fewer bytes than it was given.
    send(fd, REPLY, strlen(REPLY), 0);
}

int main(int argc, char *argv[]) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    // TODO: a send to a client that has gone raises SIGPIPE, which ends this program.
    int listener = open_listener(atoi(argv[1]));
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) continue;
        serve(fd);
        close(fd);
    }
}
