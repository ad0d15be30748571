// Aliases that say what a number means where its width alone does not. The generator reads them,
// and the host's codecs follow them. They must not grow behaviour.

/** 16-bit number in network byte order, as on the wire: a port, an ICMP identifier. */
export type Net16 = u16;

/**
 * First 8 of the 16 bytes of an address, as on the wire. IPv4 addresses are held as IPv4-mapped
 * IPv6 addresses (RFC 4291, section 2.5.5.2), so one width serves both families. A field `xHigh:
 * AddressHigh` is always followed by `xLow: AddressLow`; together they are address `x`.
 */
export type AddressHigh = u64;

/** Last 8 of the 16 bytes of an address, as on the wire. */
export type AddressLow = u64;

/** Milliseconds since an epoch of the caller's choice; only differences matter. */
export type Milliseconds = u64;

/** A number that only grows. */
export type Count = u64;
