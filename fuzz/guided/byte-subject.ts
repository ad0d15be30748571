// What is fuzzed: bytes go in, and nothing comes out but an error that says what was wrong.

export interface ByteSubject {
  /** What the last input visited, a byte for each place; a view. */
  readonly counters: Uint8Array;
  readonly dictionary: readonly Uint8Array[];
  /** Inputs to start from. */
  readonly seeds: readonly Uint8Array[];
  /**
   * Runs one input from a state that earlier ones did not change; throws Error with what was wrong.
   */
  run(input: Uint8Array): void;
  /** The input in words, a line for each packet or operation. */
  describe(input: Uint8Array): string[];
}
