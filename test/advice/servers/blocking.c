/* One client after the other, with calls that sleep. usage: blocking PORT [FAULT]. Without a fault it makes no mistake but
 * its model; with one it makes that mistake too. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *chosen = "";
static int has(const char *fault) { return strcmp(chosen, fault) == 0; }

static void on_alarm(int number) { (void)number; }

/* A signal ten times a second, and calls that it interrupts are not made again by themselves. */
static void begin_alarms(void) {
  struct sigaction action = {.sa_handler = on_alarm};
  struct itimerval often = {{0, 100000}, {0, 100000}};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
}

static void serve(int fd) {
  static char head[4096];
  size_t used = 0;
  while (used < sizeof head && memmem(head, used, "\n\r\n", 3) == NULL) {
    ssize_t n = recv(fd, head + used, has("one-byte-reads") ? 1 : sizeof head - used, 0);
    if (n < 0 && errno == EINTR && !has("eintr-closes")) continue;
    if (n <= 0) { close(fd); return; }
    used += n;
  }
  if (has("descriptors-pile-up")) open("/dev/null", O_RDONLY);
  if (has("sigpipe")) poll(&(struct pollfd){.fd = fd, .events = POLLRDHUP}, 1, -1); /* until the client has gone */
  int flags = has("sigpipe") ? 0 : MSG_NOSIGNAL;
  send(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 38, flags);
  send(fd, "Hello, world!", 13, flags);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc > 2) chosen = argv[2];
  int one = 1;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (!has("no-reuse-address")) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, has("backlog-full") ? 1 : 128)) return perror("bind"), 1;
  signal(SIGCHLD, SIG_IGN);
  if (has("eintr") || has("eintr-closes") || has("eintr-ends")) begin_alarms();
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 && errno == EINTR && !has("eintr-ends")) continue;
    if (fd < 0) return perror("accept"), 1;
    if (!has("parent-keeps")) serve(fd);
    else if (fork() == 0) { close(listener); serve(fd); _exit(0); }
  }
}
