// Runs the programs of `service-path.bpf.c` in this machine's kernel, driven by lines on standard
// input, each of which is answered by a line. Parameters: the object file, which program, and room
// for so many connections.
//
//   services COUNT ADDRESS PORT ENDPOINTS FIRST TARGET   fills the maps
//   packets SLOT PATH    packets to send
//   clear                forgets all connections
//   check SLOT COUNT     sends so many one by one: how many left as they should not
//   time SLOT COUNT      sends so many: nanoseconds a packet, without sending
//   opened               connections opened by `time`
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "service-path.h"

enum { SLOTS = 2, HEADER = 14, CLEARED_AT_ONCE = 16384 };

static struct bpf_object *object;
static const char *connections_map;
static int feed, nothing, program, programs, cleared;
static struct frame *slots[SLOTS], *frames;
static uint32_t counts[SLOTS];
static int current = -1;
/** The variable of the programs, where they see it. */
static volatile struct control *control;

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static int map_of(const char *name) {
  const int file = bpf_object__find_map_fd_by_name(object, name);
  if (file < 0) fail(name);
  return file;
}

static int program_of(const char *name) {
  struct bpf_program *found = bpf_object__find_program_by_name(object, name);
  if (!found) fail(name);
  return bpf_program__fd(found);
}

static void resize(const char *name, uint32_t entries) {
  struct bpf_map *map = bpf_object__find_map_by_name(object, name);
  if (!map || bpf_map__set_max_entries(map, entries)) fail(name);
}

/** A map's memory, as programs see it. */
static void *share(const char *map, size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map_of(map), 0);
  if (memory == MAP_FAILED) fail(map);
  return memory;
}

static void load(const char *path, const char *name, uint32_t connections) {
  const uint32_t room = connections + connections / 4 + 16384;
  object = bpf_object__open_file(path, NULL);
  if (!object) fail(path);
  connections_map = strcmp(name, "flow_cache") == 0 ? "flows" : "connections";
  resize(connections_map, room);
  resize("frames", connections);
  if (bpf_object__load(object)) fail("load");
  feed = program_of("feed");
  nothing = program_of("nothing");
  program = program_of(name);
  programs = map_of("programs");
  cleared = map_of(connections_map);
  frames = share("frames", (size_t)connections * sizeof(struct frame));
  control = share(".bss", sizeof *control);
}


static void enter(const char *map, const void *key, const void *value) {
  if (bpf_map_update_elem(map_of(map), key, value, 0)) fail(map);
}

/** Services and endpoints at addresses in a row, and what every identity may reach. */
static void fill_maps(const uint32_t *numbers) {
  const uint32_t count = numbers[0], address = numbers[1], each = numbers[3], first = numbers[4];
  const uint16_t port = htons(numbers[2]), target = htons(numbers[5]);
  for (uint32_t number = 0; number < count; number++) {
    const struct service_key key = {htonl(address + number), port, IPPROTO_TCP};
    const struct service service = {number + 1, number * each, each, 0};
    enter("services", &key, &service);
  }
  for (uint32_t number = 0; number < count * each; number++) {
    const struct endpoint endpoint = {htonl(first + number), target, 0};
    enter("endpoints", &number, &endpoint);
  }
  for (uint32_t number = 0; number < IDENTITIES * PORTS_OF_IDENTITY; number++) {
    const struct policy_key key = {FIRST_IDENTITY + number / PORTS_OF_IDENTITY,
        htons(numbers[5] + number % PORTS_OF_IDENTITY), IPPROTO_TCP};
    const struct policy policy = {};
    enter("policies", &key, &policy);
  }
}

static void clear(void) {
  static struct tuple keys[CLEARED_AT_ONCE];
  static struct flow values[CLEARED_AT_ONCE];
  _Static_assert(sizeof(struct connection) <= sizeof(struct flow), "values of both maps fit");
  uint32_t from, count;
  void *start = NULL;
  int status;
  do {
    count = CLEARED_AT_ONCE;
    status = bpf_map_lookup_and_delete_batch(cleared, start, &from, keys, values, &count, NULL);
    if (status && errno != ENOENT) fail("clear");
    start = &from;
  } while (!status);
}

static void read_packets(uint32_t slot, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fread(&counts[slot], sizeof counts[slot], 1, file) != 1) fail(path);
  slots[slot] = malloc((size_t)counts[slot] * sizeof(struct frame));
  if (!slots[slot]) fail(path);
  if (fread(slots[slot], sizeof(struct frame), counts[slot], file) != counts[slot]) fail(path);
  fclose(file);
}

/** Mean nanoseconds of a packet by the kernel's own clock, which counts whole ones. */
static double run(uint32_t slot, int target, uint32_t repeat) {
  static uint8_t in[FRAME_BYTES], out[2 * FRAME_BYTES];
  const uint32_t key = 0;
  if (bpf_map_update_elem(programs, &key, &target, 0)) fail("program");
  if (current != (int)slot) memcpy(frames, slots[slot], (size_t)counts[slot] * sizeof *frames);
  current = slot;
  control->next_frame = 0;
  control->frames = counts[slot];
  LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = in, .data_size_in = sizeof in,
      .data_out = out, .data_size_out = sizeof out, .repeat = repeat);
  if (bpf_prog_test_run_opts(feed, &options)) fail("test run");
  if (options.retval != 3) fail("a packet was not sent");
  return options.duration + 0.5;
}

static double time_packets(uint32_t slot, uint32_t count) {
  control->opened = 0;
  const double without = run(slot, nothing, count);
  return run(slot, program, count) - without;
}

static uint32_t add_words(uint32_t sum, const uint8_t *bytes, uint32_t length) {
  for (uint32_t byte = 0; byte < length; byte++) sum += byte % 2 ? bytes[byte] : bytes[byte] << 8;
  return sum;
}

static int is_whole(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

/** Whether addresses, port and both checksums are those of a packet that was sent on. */
static int is_sent_on(const uint8_t *frame, const struct frame *sent) {
  const uint8_t *ip = frame + HEADER, *tcp = ip + 20;
  const uint32_t bytes = (ip[2] << 8 | ip[3]) - 20;
  const uint32_t pseudo = add_words(IPPROTO_TCP + bytes, ip + 12, 8);
  return ip[8] == 63 && memcmp(frame + HEADER + 16, (const uint8_t *)sent + HEADER + 16, 4) != 0 &&
         is_whole(add_words(0, ip, 20)) && is_whole(add_words(pseudo, tcp, bytes));
}

/** Each packet twice: the first opens the connection, the second must fare alike. */
static uint32_t check(uint32_t slot, uint32_t count) {
  uint32_t wrong = 0;
  for (uint32_t number = 0; number < count && number < counts[slot]; number++) {
    uint8_t out[2][2 * FRAME_BYTES];
    for (int time = 0; time < 2; time++) {
      LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = &slots[slot][number],
          .data_size_in = FRAME_BYTES, .data_out = out[time], .data_size_out = sizeof out[time],
          .repeat = 1);
      if (bpf_prog_test_run_opts(program, &options)) fail("check");
      wrong += options.retval != 3 || !is_sent_on(out[time], &slots[slot][number]);
    }
    wrong += memcmp(out[0], out[1], FRAME_BYTES) != 0;
  }
  return wrong;
}

static double obey(const char *line) {
  uint32_t slot, count, numbers[6];
  char path[4000];
  if (sscanf(line, "services %u %u %u %u %u %u", numbers, numbers + 1, numbers + 2, numbers + 3,
          numbers + 4, numbers + 5) == 6) {
    fill_maps(numbers);
  } else if (sscanf(line, "packets %u %3999s", &slot, path) == 2 && slot < SLOTS) {
    read_packets(slot, path);
  } else if (strcmp(line, "clear\n") == 0) {
    clear();
  } else if (strcmp(line, "opened\n") == 0) {
    return control->opened;
  } else if (sscanf(line, "check %u %u", &slot, &count) == 2 && slot < SLOTS) {
    return check(slot, count);
  } else if (sscanf(line, "time %u %u", &slot, &count) == 2 && slot < SLOTS) {
    return time_packets(slot, count);
  } else {
    fail(line);
  }
  return 0;
}

int main(int count, char **parameters) {
  char line[4096];
  if (count != 4) fail("object, program, connections");
  load(parameters[1], parameters[2], strtoul(parameters[3], NULL, 10));
  while (fgets(line, sizeof line, stdin)) {
    printf("%.1f\n", obey(line));
    fflush(stdout);
  }
  return 0;
}
