// The options of a segment, read as a list. As in Linux, the list ends with the first option that
// makes no sense. Sources: RFC 7323, RFC 2018; Linux nf_conntrack_proto_tcp.c.

/** What a SYN offers. */
export interface Offer {
  readonly shift: number;
  readonly offersShift: boolean;
  readonly offersSack: boolean;
}

interface Option {
  readonly kind: number;
  readonly value: Uint8Array;
}

const LARGEST_SHIFT = 14;

function* listOptions(bytes: Uint8Array): Generator<Option> {
  let rest = bytes;
  while (rest.length > 0 && rest[0] !== 0) {
    const [kind = 0, length = 0] = rest;
    if (kind !== 1) {
      if (length < 2 || length > rest.length) return;
      yield { kind, value: rest.subarray(2, length) };
    }
    rest = rest.subarray(kind === 1 ? 1 : length);
  }
}

/** The window scale and the permission of selective acknowledgements; of several, the last. */
export function readOffer(bytes: Uint8Array): Offer {
  const options = [...listOptions(bytes)];
  const scale = options.findLast(({ kind, value }) => kind === 3 && value.length === 1);
  return {
    shift: Math.min(LARGEST_SHIFT, scale?.value[0] ?? 0),
    offersShift: scale !== undefined,
    offersSack: options.some(({ kind, value }) => kind === 4 && value.length === 0),
  };
}

/** The highest right edge of the first SACK option, or the acknowledgement itself. */
export function highestSack(bytes: Uint8Array, acknowledgement: number): number {
  const isSack = ({ kind, value }: Option) =>
    kind === 5 && value.length > 0 && value.length % 8 === 0;
  const blocks = [...listOptions(bytes)].find(isSack)?.value ?? new Uint8Array(0);
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  let highest = acknowledgement;
  for (let at = 4; at < blocks.length; at += 8) {
    const edge = view.getUint32(at);
    if (((highest - edge) | 0) < 0) highest = edge;
  }
  return highest;
}
