// The native twin: the very module, compiled by clang instead of V8, and driven by lines on
// standard input, each of which is answered by a line:
//
//   script PATH         a new instance, with the maps in the file
//   packets SLOT PATH   packets to send
//   clear LIMIT         takes out all connections, of so many places at most
//   time SLOT COUNT     sends so many, again from the first behind the last: nanoseconds
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

/** Sends packets in vectors; nanoseconds within the dataplane, or the digest. */
static uint64_t send(const struct packets *packets, uint32_t count, int is_digest) {
  const uint32_t capacity = ((struct Capacity *)at(layout()->capacity))->vectorPackets;
  uint64_t spent = 0;
  uint32_t digest = 2166136261u;
  for (uint32_t done = 0, length; done < count; done += length) {
    length = count - done < capacity ? count - done : capacity;
    fill_vector(packets, done, length);
    const uint64_t start = now_ns();
    Z_dataplaneZ_process(&dataplane, length);
    spent += now_ns() - start;
    for (uint32_t index = 0; is_digest && index < length; index++) {
      digest = mix_outcome(digest, descriptor(index));
    }
  }
  return is_digest ? digest : spent;
}

int main(void) {
  char line[4096], path[4000], command[16];
  wasm_rt_init();
  Z_dataplane_init_module();
  const int trap = wasm_rt_impl_try();
  if (trap) fail(wasm_rt_strerror(trap));
  while (fgets(line, sizeof line, stdin)) {
    uint32_t slot = 0, count = 0;
    uint64_t answer = 0;
    if (sscanf(line, "script %3999s", path) == 1) {
      load_script(path);
      touch_memory();
    } else if (sscanf(line, "packets %u %3999s", &slot, path) == 2 && slot < SLOTS) {
      slots[slot] = read_packets(path);
    } else if (sscanf(line, "clear %u", &count) == 1) {
      *(uint64_t *)at(layout()->clock) = END_OF_TIME_MS;
      Z_dataplaneZ_sweep(&dataplane, count);
    } else if (sscanf(line, "%15s %u %u", command, &slot, &count) == 3 && slot < SLOTS) {
      answer = send(&slots[slot], count, command[0] == 'd');
    } else {
      fail(line);
    }
    printf("%llu\n", (unsigned long long)answer);
    fflush(stdout);
  }
  return 0;
}
