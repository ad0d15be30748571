// The tests that watch every access to memory: `npm run test:guards`, which builds the module that
// can be watched.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/guards/**/*.guard.ts'], testTimeout: 300_000 },
});
