// The long forms of tests whose short forms run with all others: `npm run test:soak`, a quarter of an hour.

import { test } from 'node:test'
import { chaos } from '../helpers/chaos.ts'
import { fillDisk } from '../helpers/full-disk.ts'
import { soak } from '../helpers/soak.ts'

test('a thousand rotations by size under load, with gzip and 50 killed workers: every line is accounted for', async (t) => {
  await soak(t, { by: 'server', rotations: 1000, kills: 50 })
})

test('a thousand rotations by logrotate under load, with 50 killed workers: every line is accounted for', async (t) => {
  await soak(t, { by: 'logrotate', rotations: 1000, kills: 50 })
})

test('a disk that is full for a minute under load: no request notices, and each line is in the file or counted', async (t) => {
  await fillDisk(t, 60)
})

test('ten minutes of chaos: workers are killed, stopped, blocked, filled and broken, and only their own requests fail', async (t) => {
  await chaos(t, { blowCount: 300, seed: Number(process.env['TSGUN_SEED'] ?? 20_261_123) })
})
