// The dataplane as C, what wasm2c made of the module, with what it imports: the vector
// instructions. One per process. Included once, by the program that drives it.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <emmintrin.h>

#include "wasm-rt-impl.h"

#include "abi.h"
#include "dataplane.gen.h"

/** What becomes of writes to memory besides; the program that includes this may say. */
#ifndef WRITES
#define WRITES(address, length)
#endif

static Z_dataplane_instance_t dataplane;

/** An address of linear memory. */
static inline uint8_t *at(uint32_t address) { return dataplane.w2c_memory.data + address; }

inline u32 Z_vectorZ_matches(struct Z_vector_instance_t *unused, u32 vector, u32 lane) {
  const __m128i lanes = _mm_loadu_si128((const __m128i *)at(vector));
  const __m128i equal = _mm_cmpeq_epi16(lanes, _mm_set1_epi16((short)lane));
  return (u32)_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128()));
}

inline void Z_vectorZ_copy(struct Z_vector_instance_t *unused, u32 to, u32 from, u32 offset) {
  WRITES(to + offset, sizeof(__m128i));
  _mm_storeu_si128((__m128i *)at(to + offset), _mm_loadu_si128((const __m128i *)at(from)));
}

/** What was read ahead is not needed, but the reading is. */
inline u32 Z_vectorZ_keep32(struct Z_vector_instance_t *unused, u32 value) {
  __asm__ volatile("" ::"r"(value));
  return value;
}

inline u64 Z_vectorZ_keep64(struct Z_vector_instance_t *unused, u64 value) {
  __asm__ volatile("" ::"r"(value));
  return value;
}

#include "dataplane.gen.c"

static inline struct Layout *layout(void) {
  return (struct Layout *)at(Z_dataplaneZ_layout(&dataplane));
}

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

/** A file of the host, in memory; never given back. */
static const uint8_t *map_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) fail(path);
  *length = ftell(file);
  void *bytes = mmap(NULL, *length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fileno(file), 0);
  fclose(file);
  if (bytes == MAP_FAILED) fail(path);
  return bytes;
}

static uint32_t read_number(const uint8_t **from) {
  uint32_t number;
  memcpy(&number, *from, sizeof number);
  *from += sizeof number;
  return number;
}

static void read_bytes(const uint8_t **from, uint32_t to, uint32_t length) {
  memcpy(at(to), *from, length);
  *from += length;
}

/** A new instance with the capacities and the maps that a file of the host says (`script.ts`). */
static void load_script(const char *path) {
  size_t length;
  const uint8_t *next = map_file(path, &length), *start = next;
  static struct Z_vector_instance_t *const nothing = NULL;
  if (dataplane.w2c_memory.data) Z_dataplane_free(&dataplane);
  Z_dataplane_instantiate(&dataplane, nothing);
  const uint32_t capacity_bytes = read_number(&next);
  read_bytes(&next, layout()->capacity, capacity_bytes);
  if (Z_dataplaneZ_initialise(&dataplane) != 0) fail("the dataplane refused its capacities");
  for (uint32_t left = read_number(&next); left > 0; left--) {
    const uint32_t is_restored = read_number(&next), map = read_number(&next);
    const uint32_t key_bytes = read_number(&next), value_bytes = read_number(&next);
    read_bytes(&next, layout()->key, key_bytes);
    read_bytes(&next, layout()->value, value_bytes);
    const uint32_t status = is_restored ? Z_dataplaneZ_mapRestore(&dataplane, map)
                                        : Z_dataplaneZ_mapUpdate(&dataplane, map);
    if (status != 0) fail("a map refused an entry");
  }
  munmap((void *)start, length);
}
