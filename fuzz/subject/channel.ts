// A line in each direction: how one talks to a process, or to a test that stands in for it.

/** Lines to and from somebody else. */
export interface Channel {
  write(line: string): void;
  /** The next line; rejects with SubjectError after that time, and when there will be none. */
  read(timeoutMs: number): Promise<string>;
  /** Ends the other side, gently at first; never waits long. */
  close(): Promise<void>;
}
