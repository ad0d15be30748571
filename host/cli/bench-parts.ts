// What work in many equal parts costs where others use the processor, too: parts that took much
// longer than most were interrupted, and do not count.

/** So many times the median, and a part was interrupted. */
const interrupted = 3;

/** The mean of the parts that were not interrupted. */
export function meanOfParts(costs: readonly number[]): number {
  const most = medianOf(costs) * interrupted;
  const counted = costs.filter((cost) => cost <= most);
  return counted.reduce((sum, cost) => sum + cost, 0) / counted.length;
}

/** The upper one of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
