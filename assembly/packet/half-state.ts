// What one direction of a connection does to its packets, worked out once when it begins: the
// connection table keeps it behind the direction's key, translation fills it.

/** One direction's part of the flow cache. */
@unmanaged
@final
export class HalfState {
  /** What to add to the IPv4 header checksum, for the addresses. */
  networkDelta: u16;
  /** What to add to the transport checksum. */
  transportDelta: u16;
  /** Port this direction leaves by. */
  outPort: u16;
  /** Port it came in by. */
  inPort: u16;
  /** Config.routeRevision under which it was routed; 0 = never yet. */
  routeRevision: u32;
  /** Effect bits: what this direction translates. */
  effects: u8;
  zero0: u8;
  /** Longest packet that goes this way from one network to another; 0 = it does not. */
  mtuBytes: u16;
}
