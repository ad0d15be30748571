// Memory for the containers: handed out once, front to back, while the instance is initialised.
// Nothing is ever given back, and nothing is handed out afterwards.

const LINE: usize = 64;
const PAGE: usize = 65536;
/**
 * Target `guards` of asconfig.json defines GUARDS: then nothing may touch what lies between one
 * allocation and the next, so such bytes are made, and marked for whoever watches.
 */
const GUARD_BYTES: u64 = isDefined(GUARDS) ? 64 : 0;
const GUARD_MARK: u8 = 0xa5;

let top: usize = 0;
let isExhausted: bool = false;

/** Starts handing out memory after the module's own data. */
export function openArena(): void {
  top = (__heap_base + (LINE - 1)) & ~(LINE - 1);
  isExhausted = false;
}

/**
 * Hands out zeroed bytes on a cache line of their own. Once memory cannot grow any more it hands
 * out the address of the arena's end and `hasExhaustedArena` is true: the caller must then not use
 * what it got.
 */
export function allocate(bytes: u64): usize {
  const at = top;
  const end = ((<u64>at + bytes + (LINE - 1)) & ~(<u64>(LINE - 1))) + GUARD_BYTES;
  if (isExhausted || end > 0xffff0000 || !growTo(<usize>end)) {
    isExhausted = true;
    return at;
  }
  top = <usize>end;
  if (GUARD_BYTES != 0) memory.fill(at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes);
  return at;
}

/**
 * Makes memory reach up to `end`, and further, if it can: each time costs whoever runs this more
 * than memory that nobody touches. False if it cannot reach `end`.
 */
function growTo(end: usize): bool {
  const pages = <i32>((end + (PAGE - 1)) / PAGE) - memory.size();
  if (pages <= 0) return true;
  return memory.grow(max(pages, memory.size() >> 2)) >= 0 || memory.grow(pages) >= 0;
}

/** True when some `allocate` since `openArena` could not be satisfied. */
export function hasExhaustedArena(): bool {
  return isExhausted;
}

/** First byte that was not handed out. */
export function arenaEnd(): usize {
  return top;
}
