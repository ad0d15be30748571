// A live connection under a policy that changed since it was admitted: where the node's settings
// ask for it, the next packet of its original direction is judged as if it opened the connection.
// What is refused is dropped; the connection stays, for the policy may change back.

import { ConfigFlag } from "../abi/config";
import { ConnectionFlag } from "../abi/connection";
import { MasqueradeCause, Trace } from "../abi/trace-step";
import { Reason } from "../abi/verdict";
import { ConnectionTable, keyOf, recordOf } from "../conntrack/connection-table";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { config, isSet } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { addressBytes, addressHigh, addressLow } from "../packet/tuple";
import { localityOf } from "../route/route";
import { judgeEnds } from "./open";

/** True when a packet that travels in the direction of `half` has to be judged. */
export function isOutdated(table: ConnectionTable, half: u32): bool {
  if (half & 1 || !isSet(ConfigFlag.RevalidatePolicy)) return false;
  return recordOf(table, half).policyRevision != config.policyRevision;
}

/** The verdict of the present policy; if it admits the connection, that is noted. */
export function judgeAgain(
  table: ConnectionTable,
  half: u32,
  packet: Packet,
  decision: Decision,
): Reason {
  const record = recordOf(table, half);
  decision.service = record.service;
  // The destination, translated, is where answers come from.
  const reply = keyOf(table, half | 1);
  decision.destinationHigh = addressHigh(reply, packet.family);
  decision.destinationLow = addressLow(reply, packet.family);
  decision.destinationPort = load<u16>(reply + addressBytes(packet.family));
  decision.isDestinationChosen = (record.flags & ConnectionFlag.DestinationTranslated) != 0;
  if (record.flags & ConnectionFlag.SourceTranslated) {
    decision.masquerade = <u8>MasqueradeCause.All;
  }
  if (isTracing) {
    const step = trace(Trace.PolicyOutdated, record.policyRevision);
    step.addressHigh = decision.destinationHigh;
    step.addressLow = decision.destinationLow;
    step.port = decision.destinationPort;
  }
  const locality = localityOf(packet.sourceHigh, packet.sourceLow);
  const reason = judgeEnds(packet, decision, locality);
  if (reason == Reason.None) record.policyRevision = config.policyRevision;
  return reason;
}
