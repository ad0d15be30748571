// The boundary as C: a struct for each that native programs read or write, and the enums that they
// name. Made from what the host's own codecs are made from.

import { enums, structs, type EnumName, type StructName } from '../../host/abi/abi.gen.ts';

const widths: Readonly<Record<string, number>> = { u8: 1, u16: 2, net16: 2, u32: 4, u64: 8 };
const wantedStructs: readonly StructName[] = ['Capacity', 'Layout', 'PacketDescriptor'];
const wantedEnums: readonly EnumName[] = ['Verdict', 'Reason', 'Link'];

/** Throws RangeError for a field that C has no number for. */
export function writeAbiHeader(): string {
  return [
    '// Generated from host/abi/abi.gen.ts.',
    '#pragma once',
    '#include <stdint.h>',
    ...wantedStructs.map(writeStruct),
    ...wantedEnums.map(writeEnum),
    '',
  ].join('\n');
}

function writeStruct(name: StructName): string {
  const { fields, sizeBytes } = structs[name];
  let end = 0;
  const members = fields.flatMap(({ name: field, offset, kind }) => {
    const width = widths[kind];
    if (width === undefined) throw new RangeError(`${name}.${field} is a ${kind}`);
    const gap = writeGap(end, offset);
    end = offset + width;
    return [...gap, `  uint${width * 8}_t ${field};`];
  });
  const lines = [...members, ...writeGap(end, sizeBytes)];
  const check = `_Static_assert(sizeof(struct ${name}) == ${sizeBytes}, "${name}");`;
  return `struct ${name} {\n${lines.join('\n')}\n} __attribute__((packed));\n${check}`;
}

function writeGap(from: number, to: number): string[] {
  return to === from ? [] : [`  uint8_t gap${from}[${to - from}];`];
}

/** Members as `Verdict_Drop`, and how many there are as `Verdict_count`. */
function writeEnum(name: EnumName): string {
  const members = enums[name].map(({ name: member, value }) => `${name}_${member} = ${value}`);
  return `enum ${name} { ${members.join(', ')}, ${name}_count = ${enums[name].length} };`;
}
