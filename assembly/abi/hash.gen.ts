export const ABI_HASH: u32 = 0x00000000;
