// What a process costs that is a process and nothing else: the yardstick of processes, which compiles and runs this.
// fork STARTS FEW MANY prints the median and the ninth decile of the time until the child runs, and the memory of one.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

// Proportional: what a child shares with its parent is divided among all that have it.
static long pss_bytes(pid_t pid) {
  char line[256];
  long kilobytes = 0;
  snprintf(line, sizeof line, "/proc/%d/smaps_rollup", pid);
  FILE *file = fopen(line, "r");
  while (file && fgets(line, sizeof line, file)) if (!strncmp(line, "Pss:", 4)) kilobytes = atol(line + 4);
  if (file) fclose(file);
  return kilobytes * 1024;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int starts = atoi(argv[1]), few = atoi(argv[2]), many = atoi(argv[3]);
  double took[starts], *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < starts; i++) {
    double since = now_us();
    if (fork() == 0) { *at = now_us(); _exit(0); }
    wait(NULL);
    took[i] = *at - since;
  }
  qsort(took, starts, sizeof *took, by_size);
  pid_t children[many];
  long before = 0, after = pss_bytes(getpid());
  for (int i = 0; i < many; i++) {
    if ((children[i] = fork()) == 0) { pause(); _exit(0); }
    if (i + 1 != few && i + 1 != many) continue;
    usleep(100000);
    before = after;
    after = pss_bytes(getpid());
    for (int j = 0; j <= i; j++) after += pss_bytes(children[j]);
  }
  for (int i = 0; i < many; i++) kill(children[i], SIGKILL);
  printf("{\"medianUs\":%f,\"p90Us\":%f,\"bytes\":%f}\n", took[starts / 2], took[starts * 9 / 10],
         (double)(after - before) / (many - few));
}
