// Which Services written slices are for, as slices change.

import { expect, test } from 'vitest';
import { followSliced } from '../../../host/controllers/concerned.ts';
import { slicedServices } from '../../../host/controllers/endpoint-slices.ts';
import { groupObjects } from '../../../host/controllers/written.ts';
import type { EndpointSlice } from '../../../host/kubernetes/types.ts';
import { slice } from './objects.ts';

const read = (slices: readonly EndpointSlice[]) =>
  groupObjects(slices, { notes: [], problems: [] });

const [a, b] = [slice('a', 'web'), slice('b', 'db')];
const [again, other] = [slice('a', 'web'), slice('a', 'cache')];

test.each<[string, EndpointSlice[], [EndpointSlice | undefined, EndpointSlice | undefined][]]>([
  ['one that stays for its Service', [again, b], [[a, again]]],
  ['one that is for another', [other, b], [[a, other]]],
  ['one that goes', [a], [[b, undefined]]],
  ['one that comes', [a, b, slice('c', 'new')], [[undefined, slice('c', 'new')]]],
  [
    'one that stays and one that goes',
    [again],
    [
      [a, again],
      [b, undefined],
    ],
  ],
])('%s', (_, after, changes) => {
  const before = slicedServices(read([a, b]));
  const written = read(after);
  expect(followSliced(before, written, changes)).toEqual(slicedServices(written));
});
