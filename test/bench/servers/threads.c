// The yardstick of the models with threads: a fresh pthread for each connection, and nothing of V8 in it.
// threads PORT close|keep-alive

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_BYTES = 4096 };

static const char CLOSE[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\nConnection: close\r\n\r\nHello, world!";
static const char KEEP[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n\r\nHello, world!";
static int keep;

// Receives until an empty line has come. Gives the head's bytes; 0 where the client has gone or sends too much.
static size_t receive_head(int fd, char *head) {
  size_t total = 0;
  while (total < HEAD_BYTES) {
    ssize_t bytes = recv(fd, head + total, HEAD_BYTES - total, 0);
    if (bytes <= 0) return 0;
    total += bytes;
    if (memmem(head, total, "\r\n\r\n", 4) != NULL) return total;
  }
  return 0;
}

static void *serve(void *argument) {
  int fd = (intptr_t)argument;
  char head[HEAD_BYTES];
  for (size_t bytes; (bytes = receive_head(fd, head)) > 0;) {
    int last = !keep || memmem(head, bytes, "\r\nConnection: close", 19) != NULL;
    const char *reply = last ? CLOSE : KEEP;
    send(fd, reply, strlen(reply), MSG_NOSIGNAL);
    if (last) break;
  }
  close(fd);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  keep = strcmp(argv[2], "keep-alive") == 0;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 511) < 0) return perror("bind"), 1;
  for (;;) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    int fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
    pthread_t thread;
    if (fd < 0) continue;
    if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0) pthread_detach(thread);
    else close(fd);
  }
}
