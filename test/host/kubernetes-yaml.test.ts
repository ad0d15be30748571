// Scalars and documents as kubectl 1.32 reads them; each row was checked with `kubectl label
// --local -o json`.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findContent, splitDocuments } from '../../host/kubernetes/document.ts';
import { parseYAML, scalarValue } from '../../host/kubernetes/yaml.ts';

describe('scalars', () => {
  it.each<[string, unknown]>([
    ['y', true],
    ['Y', true],
    ['yes', true],
    ['on', true],
    ['True', true],
    ['n', false],
    ['NO', false],
    ['off', false],
    ['yEs', 'yEs'],
    ['~', null],
    ['null', null],
    ['nULL', 'nULL'],
    ['0777', 511],
    ['0120', 80],
    ['0o17', 15],
    ['0x1F', 31],
    ['0X1f', 31],
    ['0b11', 3],
    ['-0b11', -3],
    ['1_000', 1000],
    ['+12', 12],
    ['0', 0],
    ['08', 8],
    ['1.', 1],
    ['.5', 0.5],
    ['+.5', 0.5],
    ['1e3', 1000],
    ['.inf', Infinity],
    ['-.inf', -Infinity],
    ['.nan', NaN],
    ['12:30:45', '12:30:45'],
    ['2020-01-01', '2020-01-01'],
    ['10.0.0.1', '10.0.0.1'],
    ['1.2.3', '1.2.3'],
    ['0x', '0x'],
    ['-', '-'],
    ['.', '.'],
    ['=', '='],
    ['abc', 'abc'],
    ['1a', '1a'],
  ])('%s', (text, value) => {
    expect(scalarValue(text)).toEqual(value);
    if (text !== '-') expect(parseYAML(`v: ${text}`)).toEqual({ v: value });
  });

  it.each<[string, unknown]>([
    ['"80"', '80'],
    ["'y'", 'y'],
    ['!!str 80', '80'],
    ['!!int "80"', 80],
    ['!!bool "y"', true],
    ['!!binary aGk=', 'hi'],
    ['!foo 80', '80'],
    ['! 80', '80'],
    ['!foo [1]', [1]],
    ['!foo {a: 1}', { a: 1 }],
    ['', null],
    ['<<', '<<'],
  ])('%s', (text, value) => expect(parseYAML(`v: ${text}`)).toEqual({ v: value }));

  it('resolves keys as well', () => {
    expect(parseYAML('n: 1\n0777: 2\ny: 3')).toEqual({ false: 1, 511: 2, true: 3 });
  });

  it('merges', () => {
    const text = 'base: &b {a: 1, b: 2}\nv:\n  <<: *b\n  b: 3';
    expect(parseYAML(text)).toMatchObject({ v: { a: 1, b: 3 } });
  });

  it('reads every number that JSON can spell as JSON does', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
        (n) => {
          expect(scalarValue(JSON.stringify(n))).toBe(n === 0 ? 0 : n);
        },
      ),
    );
  });

  it('keeps quoted text as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseYAML(`v: ${JSON.stringify(text)}`)).toEqual({ v: text });
      }),
    );
  });
});

describe('splitDocuments', () => {
  const split = (text: string) => {
    const { chunks, faults } = splitDocuments(new TextEncoder().encode(text));
    const texts = chunks.map(({ bytes, line }) => [line, new TextDecoder().decode(bytes)]);
    return { texts, faults };
  };

  it('cuts at lines that start with three dashes', () => {
    const text = '---\na: 1\n--- # next\r\nb: |\n  ---\n---';
    expect(split(text)).toEqual({
      texts: [
        [1, ''],
        [2, 'a: 1\n'],
        [4, 'b: |\n  ---\n'],
        [7, ''],
      ],
      faults: [],
    });
  });

  it.each([
    ['a: 1\n--- b: 2\n', 'b: 2'],
    ['a: 1\n----\n', '-'],
  ])('finds what else stands on a separator in %j', (text, junk) =>
    expect(split(text).faults).toEqual([{ line: 2, junk }]),
  );

  it('loses nothing but the separators', () => {
    const line = fc.constantFrom('---', 'a: 1', '', '  ---', '# ---', '...');
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const { texts } = split(lines.join('\n'));
        const rest = lines.filter((text) => text !== '---').join('\n');
        expect(
          texts
            .map(([, text]) => text)
            .join('')
            .trimEnd(),
        ).toBe(rest.trimEnd());
      }),
    );
  });
});

describe('findContent', () => {
  it.each([
    ['', -1],
    ['\n # only\n\t\n#x', -1],
    ['# c\n...\n', -1],
    ['# c\n\n  a: 1', 7],
    ['#c\r\na', 4],
    ['a#b', 0],
  ])('%j: %i', (text, offset) => expect(findContent(text)).toBe(offset));
});
