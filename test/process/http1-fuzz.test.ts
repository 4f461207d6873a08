// Mutated requests, the short form: `npm run test:soak` sends a hundred thousand.

import { test } from 'node:test'
import { fuzz } from '../helpers/fuzz.ts'

test(
  'whatever is sent, the worker lives, responds in HTTP, and sees no more requests than Node ' + 'does',
  async (t) => {
    await fuzz(t, { count: 4000, seed: Number(process.env['TSGUN_SEED'] ?? Date.now() % 1_000_000) })
  },
)
