// Arbitrary bytes of a struct as the boundary allows them: unused bytes are zero, 64-bit numbers
// are those that the host can count to.

import { fc } from '@fast-check/vitest';
import { structs } from '../../host/abi/abi.gen.ts';
import type { FieldKind, StructName } from '../../host/abi/abi.gen.ts';

const widths: Record<FieldKind, number> = { u8: 1, u16: 2, net16: 2, u32: 4, u64: 8, address: 16 };

/** Bytes of a struct with any content. */
export function entryBytes(name: StructName): fc.Arbitrary<Uint8Array> {
  const { sizeBytes, fields } = structs[name];
  return fc.tuple(...fields.map(({ kind }) => fieldBytes(kind))).map((contents) => {
    const bytes = new Uint8Array(sizeBytes);
    contents.forEach((content, index) => bytes.set(content, fields[index]?.offset ?? 0));
    return bytes;
  });
}

function fieldBytes(kind: FieldKind): fc.Arbitrary<Uint8Array> {
  const bytes = fc.uint8Array({ minLength: widths[kind], maxLength: widths[kind] });
  if (kind === 'address') return fc.oneof(bytes, bytes.map(mapIPv4));
  if (kind === 'u64') return bytes.map((all) => all.fill(0, 7).map(clearAboveSafe));
  return bytes;
}

/** The same address as an IPv4 one. */
function mapIPv4(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index < 10 ? 0 : index < 12 ? 0xff : byte));
}

/** Bits from 2^53 on are in the upper part of byte 6. */
function clearAboveSafe(byte: number, index: number): number {
  return index === 6 ? byte & 0x1f : byte;
}
