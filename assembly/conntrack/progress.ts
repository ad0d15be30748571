// What a packet means to its connection.

/** See each member. */
export enum Progress {
  /** It belongs to it. */
  Valid,
  /** It passes, but is neither counted nor keeps the connection alive. */
  Ignored,
  /** It does not, and passes as if there were no connection. */
  Invalid,
  /** It begins the connection anew: the old one is to be forgotten. */
  Reopens,
  /** It belongs to it, and is its last. */
  Ends,
}
