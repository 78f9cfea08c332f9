/* One loop on epoll. usage: loop PORT [FAULT]. Without a fault it is right; with one it makes that mistake and no other. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 1024
#define BIG (32 << 20)

static const char *chosen = "";
static int has(const char *fault) { return strcmp(chosen, fault) == 0; }

static struct { char head[4096]; int used; size_t sent, size; } of[MOST];
static char *reply;
static int ep, listener;

static void watch(int how, int fd, int events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  epoll_ctl(ep, how, fd, &event);
}

static void finish(int fd) {
  if (has("never-closed")) watch(EPOLL_CTL_DEL, fd, 0);
  else close(fd);
}

static void on_writable(int fd) {
  if (of[fd].size == 0) return;
  ssize_t n = send(fd, reply + of[fd].sent, of[fd].size - of[fd].sent, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) { finish(fd); return; }
  if (n > 0) of[fd].sent += n;
  if (of[fd].sent == of[fd].size || has("short-send")) finish(fd);
  else watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
}

/* Whether it may be called again at once. */
static int on_readable(int fd) {
  int room = has("edge-missed") ? 64 : (int)sizeof of[fd].head - of[fd].used;
  ssize_t n = recv(fd, of[fd].head + of[fd].used, room, 0);
  if (n < 0 && errno == EAGAIN && !has("eagain-closes")) return 0;
  if (n == 0 && has("end-ignored")) return 0;
  if (n <= 0) { finish(fd); return 0; }
  of[fd].used += n;
  if (memmem(of[fd].head, of[fd].used, "\n\r\n", 3) == NULL) return of[fd].used < (int)sizeof of[fd].head - 64;
  of[fd].size = strncmp(of[fd].head, "GET /big", 8) == 0 ? BIG : 64;
  on_writable(fd);
  return 0;
}

static void on_client(void) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0 && has("eagain-ends")) exit(1);
    if (fd < 0) return;
    of[fd].used = of[fd].sent = of[fd].size = 0;
    watch(EPOLL_CTL_ADD, fd, EPOLLIN | (has("always-writable") ? EPOLLOUT : has("edge-missed") ? EPOLLET : 0));
    if (has("eagain-closes")) on_readable(fd);
    if (has("edge-of-listener")) return;
  }
}

/* Clients in the accept queue: tcp_info of a listener has them there. */
static int queued(void) {
  struct tcp_info info = {0};
  getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){sizeof info});
  return info.tcpi_unacked;
}

int main(int argc, char **argv) {
  if (argc > 2) chosen = argv[2];
  int one = 1;
  reply = malloc(BIG);
  memset(reply, '.', BIG);
  reply[snprintf(reply, 64, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")] = '.';
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 128)) return perror("bind"), 1;
  ep = epoll_create1(0);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN | (has("edge-of-listener") ? EPOLLET : 0));
  if (has("edge-of-listener")) while (queued() < 3) usleep(1000); /* three clients make one edge */
  for (;;) {
    struct epoll_event ready[16];
    int n = epoll_wait(ep, ready, 16, -1);
    for (int i = 0; i < n; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) on_client();
      else if (ready[i].events & EPOLLIN) while (on_readable(fd) && !has("edge-missed")) continue;
      else if (ready[i].events & EPOLLOUT) on_writable(fd);
      else finish(fd);
    }
  }
}
