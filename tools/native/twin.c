// The native twin: the very module, compiled by clang instead of V8, and driven by lines on
// standard input, each of which is answered by a line:
//
//   script PATH         a new instance, with the maps in the file
//   packets SLOT PATH   packets to send
//   clear LIMIT         takes out all connections, of so many places at most
//   time SLOT COUNT     sends so many, again from the first behind the last: nanoseconds a packet
//   digest SLOT COUNT   sends so many: what became of them, as a number
#include <time.h>

#include "dataplane.h"
#include "packets.h"

/** When no connection lives any more. */
static const uint64_t END_OF_TIME_MS = 1ull << 50;
static struct packets slots[SLOTS];

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

static struct PacketDescriptor *descriptor(uint32_t index) {
  return (struct PacketDescriptor *)at(layout()->descriptors) + index;
}

/** Writes every page, so that no packet waits for one. */
static void touch_memory(void) {
  for (uint64_t page = 0; page < dataplane.w2c_memory.size; page += 4096) {
    volatile uint8_t *byte = dataplane.w2c_memory.data + page;
    *byte = *byte;
  }
}

static struct packets read_packets(const char *path) {
  size_t length;
  const uint8_t *bytes = map_file(path, &length);
  const uint32_t count = read_number(&bytes);
  const uint16_t *lengths = (const uint16_t *)(bytes + (size_t)count * FRAME_BYTES);
  return (struct packets){count, bytes, lengths, lengths + count};
}

static void fill_vector(const struct packets *packets, uint32_t first, uint32_t count) {
  const uint32_t block = layout()->block;
  for (uint32_t index = 0; index < count; index++) {
    const uint32_t packet = (first + index) % packets->count;
    const uint32_t address = block + index * FRAME_BYTES;
    const uint16_t length = packets->lengths[packet];
    memcpy(at(address), packets->frames + (size_t)packet * FRAME_BYTES, length);
    *descriptor(index) = (struct PacketDescriptor){
        .address = address, .lengthBytes = length, .port = packets->ports[packet]};
  }
}

/** FNV-1a over verdict, reason, port and bytes of every packet. */
static uint32_t mix_outcome(uint32_t digest, const struct PacketDescriptor *outcome) {
  const uint8_t decided[] = {outcome->verdict, outcome->reason, (uint8_t)outcome->outPort};
  for (size_t byte = 0; byte < sizeof decided; byte++) digest = (digest ^ decided[byte]) * 16777619u;
  const uint8_t *frame = at(outcome->outAddress);
  for (uint32_t byte = 0; byte < outcome->outLengthBytes; byte++) {
    digest = (digest ^ frame[byte]) * 16777619u;
  }
  return digest;
}

/** Sends packets in vectors, and calls `look` with the length of each and nanoseconds of it. */
static void send(const struct packets *packets, uint32_t count, void (*look)(uint32_t, uint64_t)) {
  const uint32_t capacity = ((struct Capacity *)at(layout()->capacity))->vectorPackets;
  for (uint32_t done = 0, length; done < count; done += length) {
    length = count - done < capacity ? count - done : capacity;
    fill_vector(packets, done, length);
    const uint64_t start = now_ns();
    Z_dataplaneZ_process(&dataplane, length);
    look(length, now_ns() - start);
  }
}

static uint32_t digest;
static double *costs;
static size_t parts;

static void mix_vector(uint32_t length, uint64_t spent) {
  for (uint32_t index = 0; index < length; index++) {
    digest = mix_outcome(digest, descriptor(index));
  }
}

static void note_cost(uint32_t length, uint64_t spent) { costs[parts++] = (double)spent / length; }

static int compare_costs(const void *first, const void *second) {
  const double a = *(const double *)first, b = *(const double *)second;
  return a < b ? -1 : a > b;
}

/** The mean of the vectors that were not interrupted, as `bench-parts.ts` has it. */
static double mean_cost(void) {
  qsort(costs, parts, sizeof *costs, compare_costs);
  const double most = costs[parts / 2] * 3;
  double sum = 0;
  size_t counted = 0;
  while (counted < parts && costs[counted] <= most) sum += costs[counted++];
  return sum / counted;
}

static double time_packets(const struct packets *packets, uint32_t count) {
  costs = malloc(count * sizeof *costs);
  parts = 0;
  send(packets, count, note_cost);
  const double mean = mean_cost();
  free(costs);
  return mean;
}

static double digest_packets(const struct packets *packets, uint32_t count) {
  digest = 2166136261u;
  send(packets, count, mix_vector);
  return digest;
}

static double obey(const char *line) {
  char path[4000];
  uint32_t slot, count;
  if (sscanf(line, "script %3999s", path) == 1) {
    load_script(path);
    touch_memory();
  } else if (sscanf(line, "packets %u %3999s", &slot, path) == 2 && slot < SLOTS) {
    slots[slot] = read_packets(path);
  } else if (sscanf(line, "clear %u", &count) == 1) {
    *(uint64_t *)at(layout()->clock) = END_OF_TIME_MS;
    Z_dataplaneZ_sweep(&dataplane, count);
  } else if (sscanf(line, "time %u %u", &slot, &count) == 2 && slot < SLOTS) {
    return time_packets(&slots[slot], count);
  } else if (sscanf(line, "digest %u %u", &slot, &count) == 2 && slot < SLOTS) {
    return digest_packets(&slots[slot], count);
  } else {
    fail(line);
  }
  return 0;
}

int main(void) {
  char line[4096];
  wasm_rt_init();
  Z_dataplane_init_module();
  const int trap = wasm_rt_impl_try();
  if (trap) fail(wasm_rt_strerror(trap));
  while (fgets(line, sizeof line, stdin)) {
    printf("%.1f\n", obey(line));
    fflush(stdout);
  }
  return 0;
}
