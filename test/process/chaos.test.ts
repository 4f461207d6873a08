// The short form of the chaos test; the long one is in test/soak.

import { test } from 'node:test'
import { chaos } from '../helpers/chaos.ts'

test('whatever happens to workers under load costs only requests on the affected worker, and each death has one record', async (t) => {
  await chaos(t, {
    faultCount: 10,
    seed: Number(process.env['TSGUN_SEED'] ?? 1 + Math.floor(Math.random() * 1e6)),
  })
})
