// Times of pcapng packets: 64-bit counts of a unit that each interface chooses, turned into
// milliseconds and the nanoseconds below them. Source: draft-ietf-opsawg-pcapng, options if_tsresol
// and if_tsoffset.

import type { CapturedPacket } from './packet.ts';

const Option = { End: 0, Resolution: 9, Offset: 14 } as const;

/** How an interface counts time. */
export interface Timestamps {
  /** Units in a millisecond where that is a whole number that allows exact arithmetic, else 0. */
  readonly unitsPerMillisecond: number;
  /** Units in a second. */
  readonly unitsPerSecond: bigint;
  /** Added to every time. */
  readonly offsetMs: number;
}

/** Reads an interface's options; without them the unit is the microsecond. */
export function readTimestamps(options: DataView, littleEndian: boolean): Timestamps {
  let resolution = 6;
  let offsetMs = 0;
  let position = 0;
  while (position + 4 <= options.byteLength) {
    const code = options.getUint16(position, littleEndian);
    const length = options.getUint16(position + 2, littleEndian);
    const value = position + 4;
    if (code === Option.End || value + length > options.byteLength) break;
    if (code === Option.Resolution && length >= 1) resolution = options.getUint8(value);
    if (code === Option.Offset && length >= 8) {
      offsetMs = Number(options.getBigInt64(value, littleEndian)) * 1000;
    }
    position = value + Math.ceil(length / 4) * 4;
  }
  const isBinary = (resolution & 0x80) !== 0;
  const exponent = BigInt(resolution & 0x7f);
  const isExact = !isBinary && resolution >= 3 && resolution <= 9;
  return {
    unitsPerMillisecond: isExact ? 10 ** (resolution - 3) : 0,
    unitsPerSecond: (isBinary ? 2n : 10n) ** exponent,
    offsetMs,
  };
}

/** Sets the packet's time from the two halves of its timestamp. */
export function setTime(
  packet: CapturedPacket,
  timestamps: Timestamps,
  stamp: { high: number; low: number },
): void {
  const { high, low } = stamp;
  const units = timestamps.unitsPerMillisecond;
  if (units === 0) {
    setTimeExactly(packet, timestamps, (BigInt(high) << 32n) | BigInt(low));
    return;
  }
  // 2^32 = whole * units + rest; every product stays below 2^53.
  const rest = 2 ** 32 % units;
  const whole = (2 ** 32 - rest) / units;
  const remainder = high * rest + low;
  packet.timeMs = high * whole + Math.floor(remainder / units) + timestamps.offsetMs;
  packet.nanoseconds = (remainder % units) * (1_000_000 / units);
}

function setTimeExactly(packet: CapturedPacket, timestamps: Timestamps, stamp: bigint): void {
  const nanoseconds = (stamp * 1_000_000_000n) / timestamps.unitsPerSecond;
  packet.timeMs = Number(nanoseconds / 1_000_000n) + timestamps.offsetMs;
  packet.nanoseconds = Number(nanoseconds % 1_000_000n);
}
