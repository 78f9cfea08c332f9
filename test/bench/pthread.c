// What a thread costs that is a thread and nothing else: the yardstick of threads.mjs, which compiles and runs this.
// pthread STARTS FEW MANY prints the median and the ninth decile of the time to start, and the memory and memory maps of one.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void *stamp(void *at) { *(double *)at = now_us(); return NULL; }
static void *hold(void *unused) { pause(); return unused; }
static int by_size(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

static long pss_bytes(void) {
  char line[256];
  long kilobytes = 0;
  FILE *file = fopen("/proc/self/smaps_rollup", "r");
  while (file && fgets(line, sizeof line, file)) if (!strncmp(line, "Pss:", 4)) kilobytes = atol(line + 4);
  if (file) fclose(file);
  return kilobytes * 1024;
}

static long maps(void) {
  long lines = 0;
  FILE *file = fopen("/proc/self/maps", "r");
  for (int c; file && (c = fgetc(file)) != EOF;) lines += c == '\n';
  if (file) fclose(file);
  return lines;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int starts = atoi(argv[1]), few = atoi(argv[2]), many = atoi(argv[3]);
  double took[starts];
  pthread_t thread;
  for (int i = 0; i < starts; i++) {
    double since = now_us(), at;
    if (pthread_create(&thread, NULL, stamp, &at)) return 1;
    pthread_join(thread, NULL);
    took[i] = at - since;
  }
  qsort(took, starts, sizeof *took, by_size);
  long before = 0, maps_before = 0;
  for (int i = 0; i < many; i++) {
    if (i == few) { usleep(100000); before = pss_bytes(); maps_before = maps(); }
    if (pthread_create(&thread, NULL, hold, NULL)) return 1;
  }
  usleep(100000);
  printf("{\"medianUs\":%f,\"p90Us\":%f,\"bytes\":%f,\"maps\":%f}\n", took[starts / 2], took[starts * 9 / 10],
         (double)(pss_bytes() - before) / (many - few), (double)(maps() - maps_before) / (many - few));
}
