// What the rounds of the comparison need of each contestant.

export type Phase = 'established' | 'opening';

export interface Subject {
  readonly name: string;
  /** Forgets all connections. */
  clear(): Promise<void>;
  /** Opens all connections of the load, as it must be before `established` packets are sent. */
  establish(): Promise<void>;
  /** Nanoseconds a packet, of so many packets of the load, in its order. */
  time(phase: Phase, packets: number): Promise<number>;
  close(): void;
}
