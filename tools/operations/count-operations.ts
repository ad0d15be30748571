// The dataplane's text with a count of the operations that run: every stretch without a way in or
// out says how many it has, before it runs. Knows WebAssembly as the compiler prints it, one
// instruction a line, not what the dataplane does.

/** What the module imports; called with a count, and the number of the function. */
export const counterImport = { module: 'env', name: 'countOperations' } as const;

const { module, name } = counterImport;
const importLine = ` (import "${module}" "${name}" (func $count (param i32 i32)))`;
/** Behind these another stretch begins. */
const boundaries = new Set(['loop', 'if', 'else', 'end', 'br_if', 'br', 'br_table', 'return']);
/** These do nothing, or name a value, for which a compiler makes no instruction of its own. */
const free = /^(block|loop|else|end|nop|drop|local\.\w+|\w+\.const)$/;

export interface CountedText {
  readonly text: string;
  /** Names by number. */
  readonly functions: readonly string[];
}

/** Bulk operations count as one, however many bytes they move. */
export function countOperations(text: string): CountedText {
  const lines = text.split('\n');
  const written: string[] = [];
  let stretch: string[] = [];
  const functions: string[] = [];
  let isInFunction = false;
  const close = (): void => {
    const count = stretch.filter((line) => !free.test(nameOf(line))).length;
    const place = functions.length - 1;
    if (count > 0) written.push(`i32.const ${count}`, `i32.const ${place}`, 'call $count');
    written.push(...stretch);
    stretch = [];
  };
  for (const line of lines) {
    if (line.startsWith(' (func ')) {
      functions.push(/\$(\S+)/.exec(line)?.[1] ?? '');
      isInFunction = true;
    } else if (line === ' )') {
      close();
      isInFunction = false;
    } else if (isInFunction && !line.startsWith('  (')) {
      stretch.push(line);
      if (boundaries.has(nameOf(line))) close();
      continue;
    }
    written.push(line);
  }
  const globals = written.findIndex((line) => line.startsWith(' (global'));
  return { text: written.toSpliced(globals, 0, importLine).join('\n'), functions };
}

function nameOf(line: string): string {
  return line.trim().split(/[ (]/)[0]!;
}
