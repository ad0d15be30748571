// The options of a TCP header that windows depend on: window scale (RFC 7323) and selective
// acknowledgement (RFC 2018). As in Linux, reading ends at the first option that makes no sense.
//
//   +--------+--------+-- ... --+
//   |  Kind  | Length |  Value  |   kinds 0 (end) and 1 (padding) have no length
//   +--------+--------+-- ... --+

import { swap32 } from "./byte-order";
import { TCP_BYTES, Transport } from "./transport";

const END: u8 = 0;
const PADDING: u8 = 1;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const SCALE_MAX: u8 = 14;
const HEAD_BYTES: usize = 2;
const BLOCK_BYTES: usize = 8;
/** Two paddings, then a time stamp of 10 bytes: what most segments carry and nothing else. */
const TIMESTAMP_ONLY: u32 = 0x0a080101;
const TIMESTAMP_ONLY_BYTES: u32 = 12;

/** What a SYN's options say, after `readSynOptions`. */
export let windowScale: u8 = 0;
export let hasWindowScale: bool = false;
export let isSackPermitted: bool = false;

/** Reads the options of a SYN, which are all there. */
export function readSynOptions(header: Transport): void {
  windowScale = 0;
  hasWindowScale = false;
  isSackPermitted = false;
  const end = changetype<usize>(header) + header.tcpHeaderBytes;
  let option = nextOption(changetype<usize>(header) + TCP_BYTES, end);
  for (; option != 0; option = nextOption(option + load<u8>(option, 1), end)) {
    const bytes = load<u8>(option, 1);
    if (load<u8>(option) == SACK_PERMITTED && bytes == 2) isSackPermitted = true;
    if (load<u8>(option) == WINDOW_SCALE && bytes == 3) {
      hasWindowScale = true;
      windowScale = min(load<u8>(option, 2), SCALE_MAX);
    }
  }
}

/** True when timestamps are the only option. */
export function isTimestampOnly(header: Transport): bool {
  const bytes = header.tcpHeaderBytes - TCP_BYTES;
  return (
    bytes == TIMESTAMP_ONLY_BYTES &&
    load<u32>(changetype<usize>(header), TCP_BYTES) == TIMESTAMP_ONLY
  );
}

/** The highest right edge that a segment acknowledges selectively, or `acknowledgement` itself. */
export function highestSack(header: Transport, acknowledgement: u32): u32 {
  if (isTimestampOnly(header)) return acknowledgement;
  const start = changetype<usize>(header) + TCP_BYTES;
  const end = changetype<usize>(header) + header.tcpHeaderBytes;
  for (let option = nextOption(start, end); option != 0;) {
    const bytes = <usize>load<u8>(option, 1);
    const blocks = (bytes - HEAD_BYTES) / BLOCK_BYTES;
    const isSack = load<u8>(option) == SACK && (bytes - HEAD_BYTES) % BLOCK_BYTES == 0;
    if (isSack && blocks > 0) return highestEdge(option + HEAD_BYTES, blocks, acknowledgement);
    option = nextOption(option + bytes, end);
  }
  return acknowledgement;
}

function highestEdge(at: usize, blocks: usize, highest: u32): u32 {
  for (let block: usize = 0; block < blocks; block++) {
    const edge = swap32(load<u32>(at + block * BLOCK_BYTES, 4));
    if (<i32>(highest - edge) < 0) highest = edge;
  }
  return highest;
}

/** The first whole option that is not padding, or 0. */
function nextOption(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) == PADDING) at++;
  if (end - at < HEAD_BYTES || load<u8>(at) == END) return 0;
  const bytes = load<u8>(at, 1);
  return bytes < HEAD_BYTES || bytes > end - at ? 0 : at;
}
