// Cuts a file into its YAML and JSON documents, as kubectl does: textually, before anything is
// parsed. Works on bytes: a cluster's dump may be longer than a JavaScript string can be. Source:
// k8s.io/apimachinery `pkg/util/yaml/decoder.go`.

const NEWLINE = 0x0a;
const DASH = 0x2d;

/** Bytes of one document and the 1-based line that they start on. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly line: number;
}

/**
 * A line that starts with `---`, and what else stands on it when that is neither blank nor a
 * comment.
 */
export interface Separator {
  readonly line: number;
  readonly junk: string;
}

/** The documents between `---` lines, in order, empty ones included; separators with junk apart. */
export function splitDocuments(bytes: Uint8Array): { chunks: Chunk[]; faults: Separator[] } {
  const chunks: Chunk[] = [];
  const faults: Separator[] = [];
  let start = 0;
  let startLine = 1;
  let line = 1;
  for (let at = 0; at < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    if (isSeparator(bytes, at)) {
      const junk = new TextDecoder().decode(bytes.subarray(at + 3, end)).trim();
      if (junk !== '' && !junk.startsWith('#')) faults.push({ line, junk });
      chunks.push({ bytes: bytes.subarray(start, at), line: startLine });
      start = Math.min(end + 1, bytes.length);
      startLine = line + 1;
    }
    at = end + 1;
  }
  chunks.push({ bytes: bytes.subarray(start), line: startLine });
  return { chunks, faults };
}

function isSeparator(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === DASH && bytes[at + 1] === DASH && bytes[at + 2] === DASH;
}

/** Offset of the first character that is neither blank nor comment; -1 when there is none. */
export function findContent(text: string): number {
  const separation = /^\uFEFF?(?:[ \t\r\n]+|#[^\n]*(?:\n|$))*(?:\.\.\.\s*$)?/;
  const length = separation.exec(text)![0].length;
  return length === text.length ? -1 : length;
}
