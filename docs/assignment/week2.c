// Week 2, the starting code: what week 1 asked for, one client after the other. Build: cc -Wall -Wextra -g -pthread -o server week2.c
// Your task: a silent client must not hold up the others. Give each client a thread of its own.

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST_REQUEST = 8192 };

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

// Whether a whole request came: up to the empty line.
static bool receive_request(int fd) {
    char request[LONGEST_REQUEST + 1];
    size_t length = 0;
    while (length < LONGEST_REQUEST) {
        ssize_t received = recv(fd, request + length, LONGEST_REQUEST - length, 0);
        if (received <= 0) return false; // the client has gone, or sends no more
        length += received;
        request[length] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL) return true;
    }
    return false;
}

static void send_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, 0);
        if (sent < 0) return; // the client has gone
        bytes += sent;
        length -= sent;
    }
}

static void serve(int fd) {
    if (receive_request(fd)) send_all(fd, REPLY, strlen(REPLY));
    close(fd);
}

int main(int argc, char *argv[]) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); // send then returns -1, with EPIPE
    int listener = open_listener(atoi(argv[1]));
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) continue;
        serve(fd); // TODO: in a thread of its own: pthread_create, pthread_detach
    }
}
