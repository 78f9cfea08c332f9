// Week 3, the starting code: a loop that waits for all clients at once. Build: cc -Wall -Wextra -g -o server week3.c
// Your task: serve all of them on this one thread. No call but epoll_wait may sleep.

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST_REQUEST = 8192, MOST_EVENTS = 64 };

// What the loop remembers of a client between two events: no thread's stack does it any longer.
struct connection {
    int fd;
    size_t received;
    char request[LONGEST_REQUEST + 1];
    // TODO: what of the reply is still to be sent
};

static void fail(const char *call) {
    perror(call);
    exit(1);
}

// A socket that takes connections on this port, from this machine only. accept on it never sleeps.
static int open_listener(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
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

static void watch(int epoll, int fd, void *data) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void accept_all(int epoll, int listener) {
    // TODO: accept4 with SOCK_NONBLOCK until it returns -1 with EAGAIN; watch() each client with a struct of its own.
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) return;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) fail("calloc");
    connection->fd = fd;
    watch(epoll, fd, connection);
}

static void on_event(struct connection *connection, unsigned events) {
    (void)events;
    // TODO: EPOLLIN: receive until EAGAIN, the end, or the empty line. Then send, and where send returns -1 with EAGAIN or
    // takes only a part, watch for EPOLLOUT (EPOLL_CTL_MOD) and send the rest later. /big is answered with 20,000,000 bytes.
    close(connection->fd); // which also takes it off the list that epoll watches
    free(connection);
}

int main(int argc, char *argv[]) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); // send then returns -1, with EPIPE
    int listener = open_listener(atoi(argv[1]));
    int epoll = epoll_create1(0);
    if (epoll < 0) fail("epoll_create1");
    watch(epoll, listener, NULL);
    for (;;) {
        struct epoll_event events[MOST_EVENTS];
        int ready = epoll_wait(epoll, events, MOST_EVENTS, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr == NULL) accept_all(epoll, listener);
            else on_event(events[i].data.ptr, events[i].events);
        }
    }
}
