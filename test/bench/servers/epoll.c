// The yardstick of the evented models: one loop in C, with the system calls of src/models/evented and nothing else.
// epoll PORT close|keep-alive

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 65536, HEAD_BYTES = 4096, READY = 256 };

static const char CLOSE[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\nConnection: close\r\n\r\nHello, world!";
static const char KEEP[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n\r\nHello, world!";

// By descriptor: what has come of a head.
static struct { char *head; size_t bytes; } connections[MOST];

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 511) < 0) {
    perror("bind");
    exit(1);
  }
  return listener;
}

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_all(int epoll, int listener) {
  for (;;) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    int fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (connections[fd].head == NULL) connections[fd].head = malloc(HEAD_BYTES);
    connections[fd].bytes = 0;
    watch(epoll, fd);
  }
}

// Whether the connection stays open. The head is whole when an empty line has come.
static int serve(int fd, int keep) {
  char *head = connections[fd].head;
  size_t before = connections[fd].bytes;
  ssize_t bytes = recv(fd, head + before, HEAD_BYTES - before, 0);
  if (bytes <= 0) return 0;
  connections[fd].bytes += bytes;
  if (memmem(head, connections[fd].bytes, "\r\n\r\n", 4) == NULL) return connections[fd].bytes < HEAD_BYTES;
  int last = !keep || memmem(head, connections[fd].bytes, "\r\nConnection: close", 19) != NULL;
  connections[fd].bytes = 0;
  const char *reply = last ? CLOSE : KEEP;
  send(fd, reply, strlen(reply), MSG_NOSIGNAL);
  return !last;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int listener = listen_on(atoi(argv[1])), keep = strcmp(argv[2], "keep-alive") == 0;
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event ready[READY];
  watch(epoll, listener);
  for (;;) {
    int count = epoll_wait(epoll, ready, READY, -1);
    for (int i = 0; i < count; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) accept_all(epoll, listener);
      else if (!serve(fd, keep)) close(fd);
    }
  }
}
