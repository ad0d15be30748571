// The dataplane's text without vector instructions, which wasm2c of Debian does not know: the few
// forms that the dataplane uses become calls of imports, for C to do with vectors again. A vector
// is stood for by the address that it was loaded from. What is read ahead of its use only to have
// been read is marked, or a compiler of C would not read it.

/** What is imported; `matches(vector, lane)` has a bit for each lane of 16 bits that is equal. */
const imports = [
  '(import "vector" "matches" (func $vector/matches (param i32 i32) (result i32)))',
  '(import "vector" "copy" (func $vector/copy (param i32 i32 i32)))',
  '(import "vector" "keep32" (func $vector/keep32 (param i32) (result i32)))',
  '(import "vector" "keep64" (func $vector/keep64 (param i64) (result i64)))',
].map((line) => ` ${line}`);
const vectorInstruction = /^(v128|[if]\d+x\d+)\./;
/** A comparison with a constant vector of zeroes, or with a value in all lanes. */
const comparison = /^v128\.load,.*(v128\.const 0,|i16x8\.splat,)i16x8\.eq,i16x8\.bitmask,$/s;

/** Functions that read ahead. */
const readsAhead = /^ \(func \$assembly\/\w+\/lookahead\//;

/** Throws Error for a form that it does not know. */
export function lowerVectors(text: string): string {
  const lines = text.split('\n');
  let isAhead = false;
  const lowered = lines.flatMap((line) => {
    if (line.startsWith(' (func')) isAhead = readsAhead.test(line);
    return isAhead ? lowerLine(line).flatMap(keepLoad) : lowerLine(line);
  });
  requireKnownForms(lines);
  const globals = lowered.findIndex((line) => line.startsWith(' (global'));
  return lowered.toSpliced(globals, 0, ...imports).join('\n');
}

/** A load, whose result then counts as used. */
function keepLoad(line: string): string[] {
  const [, width] = /^\s*i(32|64)\.load/.exec(line) ?? [];
  return width === undefined ? [line] : [line, `call $vector/keep${width}`];
}

function lowerLine(line: string): string[] {
  const instruction = line.trim();
  if (!vectorInstruction.test(instruction)) return [line];
  const [, offset = '0'] = /offset=(\d+)/.exec(instruction) ?? [];
  switch (instruction.split(' ')[0]) {
    case 'v128.load':
      return offset === '0' ? [] : [`i32.const ${offset}`, 'i32.add'];
    case 'v128.store':
      return [`i32.const ${offset}`, 'call $vector/copy'];
    case 'v128.const':
      return ['i32.const 0'];
    case 'i16x8.splat':
    case 'i16x8.eq':
      return [];
    case 'i16x8.bitmask':
      return ['call $vector/matches'];
    default:
      throw new Error(`no C is known for ${instruction}`);
  }
}

/** A load must be stored at once or be compared, or memory might have changed in between. */
function requireKnownForms(lines: readonly string[]): void {
  let form = '';
  for (const line of lines.map((text) => text.trim())) {
    if (!vectorInstruction.test(line)) continue;
    const name = line.startsWith('v128.const') ? 'v128.const 0' : line.split(' ')[0]!;
    form += `${name},`;
    const isWhole = form === 'v128.load,v128.store,' || comparison.test(form);
    if (isWhole) form = '';
    else if (line.startsWith('v128.store')) throw new Error(`no C is known for ${form}`);
  }
  if (form !== '') throw new Error(`no C is known for ${form}`);
  const others = lines.find((line) => /v128\.const/.test(line) && !/( 0x0+){4}$/.test(line));
  if (others !== undefined) throw new Error(`no C is known for ${others.trim()}`);
}
