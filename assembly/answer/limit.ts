// How many errors the node sends: a token bucket that fills by packet time, so that the same
// packets are answered in every run. Source: RFC 1812, section 4.3.2.8; RFC 4443, section 2.4 f.

import { counters } from "../packet/counters";
import { config } from "../packet/settings";

/** One error costs as many tokens as there are milliseconds in a second. */
const COST: u64 = 1000;
/** After this long every bucket is full. */
const LONGEST_MS: u64 = 86400000;

/** Full at the start. */
let tokens: u64 = ~0;
let filledAtMs: u64 = 0;

/** True when an error may be sent now, and then it counts as sent. */
export function spendError(nowMs: u64): bool {
  const perSecond = <u64>config.errorsPerSecond;
  if (perSecond == 0) return true;
  const full = COST * max<u64>(config.errorsAtOnce, 1);
  tokens = min(tokens, full);
  if (nowMs > filledAtMs) {
    tokens = min(full, tokens + min(nowMs - filledAtMs, LONGEST_MS) * perSecond);
    filledAtMs = nowMs;
  }
  if (tokens < COST) {
    counters.errorsSpared++;
    return false;
  }
  tokens -= COST;
  return true;
}
