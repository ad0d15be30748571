// What the stages decided about the current packet so far. Each stage writes its own fields and
// reads those of the stages before it; the pipeline turns the whole into a descriptor.

import { AddressHigh, AddressLow, Net16 } from "../abi/alias";
import { MasqueradeCause } from "../abi/trace-step";
import { Reason, Verdict } from "../abi/verdict";
import { clearWords } from "../table/words";
import { Packet } from "./packet";

/** The outcome in the making. */
@unmanaged
@final
export class Decision {
  verdict: u8;
  reason: u8;
  /** Effect bits. */
  effects: u8;
  /** ConnectionState after the packet. */
  state: u8;
  /** Port it leaves by. */
  outPort: u16;
  /** A MasqueradeCause; None = the source stays. */
  masquerade: u8;
  /** The service translates the destination to `destination` and `destinationPort`. */
  isDestinationChosen: bool;
  /** Service that decided, or 0. */
  service: u32;
  /** The connection is counted for its client, too. */
  isClientCounted: bool;
  /** Where the packet goes: as it arrived, or as the service chose. */
  destinationHigh: AddressHigh;
  destinationLow: AddressLow;
  destinationPort: Net16;
  zero0: u16;
  /** Frame that leaves. */
  outAddress: u32;
  outLengthBytes: u32;
  /** The Choice to take over, or 0. */
  choice: usize;
}

if (offsetof<Decision>() % 8 != 0) ERROR("a Decision is cleared by whole words");

/** The decision being made. */
export const decision = changetype<Decision>(memory.data(offsetof<Decision>(), 8));

/** Starts over, with the packet's own destination. */
export function openDecision(packet: Packet, choice: usize): void {
  clearWords(changetype<usize>(decision), offsetof<Decision>());
  decision.masquerade = <u8>MasqueradeCause.None;
  decision.destinationHigh = packet.destinationHigh;
  decision.destinationLow = packet.destinationLow;
  decision.destinationPort = packet.destinationPort;
  decision.choice = choice;
}

/** Settles the packet's fate, and gives back the reason. */
export function decide(verdict: Verdict, reason: Reason): Reason {
  decision.verdict = <u8>verdict;
  decision.reason = <u8>reason;
  return reason;
}
