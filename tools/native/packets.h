// Packets that the host prepared (`script.ts`), in the order in which they are sent; every program
// is given the same files.
#pragma once

#include <stdint.h>

enum { FRAME_BYTES = 64, SLOTS = 3 };

struct packets {
  uint32_t count;
  /** FRAME_BYTES each. */
  const uint8_t *frames;
  const uint16_t *lengths;
  const uint16_t *ports;
};
