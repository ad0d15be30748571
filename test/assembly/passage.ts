// The options of an IPv4 packet as a router passes them on, written anew from RFC 791 and Linux
// ip_options.c to hold the dataplane to it.

/** Option bytes after a hop through the node with this address; they must be sound. */
export function passedOn(options: Uint8Array, node: string, timeMs: number): Uint8Array {
  const passed = options.slice();
  for (let at = 0; at < passed.length && passed[at] !== 0;) {
    if (passed[at] === 1) {
      at += 1;
      continue;
    }
    const length = passed[at + 1]!;
    const option = passed.subarray(at, at + length);
    if (option[0] === 7) fill(option, [addressOf(node)]);
    if (option[0] === 68) stamp(option, node, timeMs);
    at += length;
  }
  return passed;
}

function addressOf(text: string): number[] {
  return text.split('.').map(Number);
}

function stamp(option: Uint8Array, node: string, timeMs: number): void {
  const time = [24, 16, 8, 0].map((shift) => ((timeMs % 86_400_000) >> shift) & 0xff);
  const kind = option[3]! & 15;
  const at = option[2]! - 1;
  const isFull = at >= option.length;
  if (isFull && kind !== 3) option[3] = option[3]! + 16;
  if (kind === 0) fill(option, [time]);
  if (kind === 1) fill(option, [addressOf(node), time]);
  const given = [...option.subarray(at, at + 4)];
  const first = given[0]!;
  const isOurs = given.join() === addressOf(node).join();
  if (kind === 3 && (isOurs || first === 0 || first === 127 || first >= 224)) {
    fill(option, [given, time]);
  }
}

/** Writes at the pointer, if there is room, and moves it. */
function fill(option: Uint8Array, words: readonly (readonly number[])[]): void {
  const at = option[2]! - 1;
  if (at >= option.length) return;
  option.set(words.flat(), at);
  option[2] = option[2]! + 4 * words.length;
}
