// Numbers of the boundary's enums to the stable codes that people and programs see, and back.

import { enums } from './abi.gen.ts';
import type { EnumMember, EnumName } from './abi.gen.ts';

const byValue = index(({ value }) => value);
const byCode = index(({ code }) => code);

/** `policy-denied-ingress`; `verdict-9` for a number that the enum does not have. */
export function codeOf(name: EnumName, value: number): string {
  return byValue[name].get(value)?.code ?? `${name.toLowerCase()}-${value}`;
}

/** The member's comment; its code where it has none. */
export function sentenceOf(name: EnumName, value: number): string {
  const sentence = byValue[name].get(value)?.sentence ?? '';
  return sentence === '' ? codeOf(name, value) : sentence;
}

/** The number of a code. */
export function valueOf(name: EnumName, code: string): number | undefined {
  return byCode[name].get(code)?.value;
}

/** Codes of the bits that are set, lowest first. */
export function codesOfBits(name: EnumName, bits: number): string[] {
  return enums[name].filter(({ value }) => (bits & value) !== 0).map(({ code }) => code);
}

type Index<K> = Record<EnumName, ReadonlyMap<K, EnumMember>>;

function index<K>(keyOf: (member: EnumMember) => K): Index<K> {
  const entries = Object.entries(enums).map(([name, members]) => [
    name,
    new Map(members.map((member) => [keyOf(member), member])),
  ]);
  return Object.fromEntries(entries) as Index<K>;
}
