// The native fuzzer: libFuzzer and AddressSanitizer on the very module. An input is that of the
// guided target `frame`: a byte that says where the frame comes in, then the frame. Every input
// meets the node of the script as it was in the beginning. PODPLANE_SCRIPT names the script.
#include <stdbool.h>
#include <stdint.h>

static void note_write(uint32_t address, uint32_t length);
#define WRITES(address, length) note_write(address, length)

#include "dataplane.h"
#include "packet-laws.h"

enum { PAGE_BITS = 9, PAGE = 1 << PAGE_BITS, PAGES = 1 << 15, LONGEST = 2048, MARGIN = 64 };

/** Memory and globals at the beginning of every input. */
static uint8_t *first_memory;
static Z_dataplane_instance_t first_instance;
/** Pages that the input has written to. */
static bool is_written[PAGES];
static uint32_t written[PAGES], written_count;

static void note_page(uint32_t page) {
  if (is_written[page]) return;
  is_written[page] = true;
  written[written_count++] = page;
}

static void note_write(uint32_t address, uint32_t length) {
  if (length == 0) return;
  const uint32_t last = (address + length - 1) >> PAGE_BITS;
  for (uint32_t page = address >> PAGE_BITS; page <= last && page < PAGES; page++) note_page(page);
}

static void put_back(void) {
  for (uint32_t index = 0; index < written_count; index++) {
    const uint32_t page = written[index];
    memcpy(at(page << PAGE_BITS), first_memory + (page << PAGE_BITS), PAGE);
    is_written[page] = false;
  }
  written_count = 0;
  dataplane = first_instance;
}

int LLVMFuzzerInitialize(int *count, char ***parameters) {
  const char *script = getenv("PODPLANE_SCRIPT");
  if (!script) fail("PODPLANE_SCRIPT is not set");
  wasm_rt_init();
  Z_dataplane_init_module();
  if (wasm_rt_impl_try()) fail("the module trapped before the first input");
  load_script(script);
  if (dataplane.w2c_memory.size > (uint64_t)PAGES << PAGE_BITS) fail("too much memory");
  first_memory = malloc(dataplane.w2c_memory.size);
  memcpy(first_memory, dataplane.w2c_memory.data, dataplane.w2c_memory.size);
  first_instance = dataplane;
  memset(is_written, 0, sizeof is_written);
  written_count = 0;
  return 0;
}

static void require(bool holds, const char *law) {
  if (holds) return;
  fprintf(stderr, "BROKEN LAW: %s\n", law);
  abort();
}

/** Holds what became of a frame to the laws. */
static void judge(const uint8_t *sent, uint32_t length, const struct PacketDescriptor *outcome) {
  const uint32_t verdict = outcome->verdict, reason = outcome->reason;
  require(verdict < Verdict_count && reason < Reason_count, "verdict and reason are some");
  const bool is_passed = verdict == Verdict_Forward || verdict == Verdict_Local;
  const bool leaves = is_passed || verdict == Verdict_Reply;
  require(is_passed == (reason == Reason_None), "what does not pass has a reason");
  require(leaves == (outcome->outLengthBytes > 0), "only what leaves has a length");
  const uint8_t *margin = at(outcome->address + length);
  for (uint32_t byte = 0; byte < MARGIN; byte++) {
    require(margin[byte] == 0, "nothing is written behind the frame");
  }
  if (!is_passed) return;
  require(outcome->outLengthBytes == length, "a frame that passes keeps its length");
  const uint8_t *left = at(outcome->outAddress);
  const char *broken = find_broken_law(sent, left, length, outcome->link == Link_Ethernet);
  require(broken == NULL, broken ? broken : "");
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes) {
  if (bytes < 2) return -1;
  const uint8_t *frame = input + 1;
  const uint32_t length = bytes - 1 < LONGEST ? bytes - 1 : LONGEST;
  put_back();
  const uint32_t block = layout()->block, descriptors = layout()->descriptors;
  note_write(block, length + MARGIN);
  note_write(descriptors, sizeof(struct PacketDescriptor));
  memcpy(at(block), frame, length);
  memset(at(block + length), 0, MARGIN);
  struct PacketDescriptor *descriptor = (struct PacketDescriptor *)at(descriptors);
  *descriptor = (struct PacketDescriptor){.timeMs = 1000000, .address = block,
      .lengthBytes = length, .port = (input[0] >> 1) & 7,
      .link = input[0] & 1 ? Link_Ethernet : Link_Raw};
  const int trap = wasm_rt_impl_try();
  if (trap) require(false, wasm_rt_strerror(trap));
  Z_dataplaneZ_process(&dataplane, 1);
  judge(frame, length, descriptor);
  return 0;
}
