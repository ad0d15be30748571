// What there is to reach, by kind, and what of it was reached. Knows nothing of what kinds are
// about.

export class Census {
  readonly #kinds = new Map<string, Map<string, boolean>>();

  /** Says that a kind has these members, of which none is reached yet. */
  expect(kind: string, members: Iterable<string>): void {
    const known = this.#kinds.get(kind) ?? new Map<string, boolean>();
    for (const member of members) known.set(member, false);
    this.#kinds.set(kind, known);
  }

  /** Marks a member; throws RangeError if the kind has none of that name. */
  reach(kind: string, member: string): void {
    const known = this.#kinds.get(kind);
    if (!known?.has(member)) throw new RangeError(`${kind}: nobody expected ${member}`);
    known.set(member, true);
  }

  /** Members that were not reached, `kind: member`. */
  get missing(): string[] {
    return [...this.#kinds].flatMap(([kind, members]) =>
      [...members].flatMap(([member, isReached]) => (isReached ? [] : [`${kind}: ${member}`])),
    );
  }

  /** A line for each kind: how many of how many. */
  get lines(): string[] {
    return [...this.#kinds].map(([kind, members]) => {
      const reached = [...members.values()].filter((isReached) => isReached).length;
      return `${kind}: ${reached}/${members.size}`;
    });
  }
}
