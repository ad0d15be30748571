// Generated from assembly/abi by tools/generate-abi.ts; `npm run generate` prints it anew.

/** Hash of every name, offset, type and value in assembly/abi: both sides must agree. */
export const ABI_HASH: u32 = 0x0a7ae51e;
