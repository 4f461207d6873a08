// The long forms of tests whose short forms run with all others: `npm run test:soak`, a quarter of an hour.

import { test } from 'node:test'
import { chaos } from '../helpers/chaos.ts'
import { fillDisk } from '../helpers/full-disk.ts'
import { fuzz } from '../helpers/fuzz.ts'
import { soak } from '../helpers/soak.ts'
import {
  reloads,
  scaleRepeatedly,
  upgrades,
  withoutFailure,
  type Scenario,
} from '../helpers/zero-failures.ts'

test(
  'a thousand rotations by size under load, with gzip and 50 killed workers: no line is ' + 'lost',
  async (t) => {
    await soak(t, { by: 'server', rotations: 1000, kills: 50 })
  },
)

test('a thousand rotations by logrotate under load, with 50 killed workers: no line is lost', async (t) => {
  await soak(t, { by: 'logrotate', rotations: 1000, kills: 50 })
})

test(
  'a disk that is full while 4 GB of lines are logged: no request is affected, memory stays bounded, ' +
    'and each line is in the file or counted',
  async (t) => {
    await fillDisk(t, 4e9)
  },
)

test(
  'ten minutes of random faults: workers are killed, stopped, blocked, filled and broken, and only ' +
    'their own requests fail',
  async (t) => {
    await chaos(t, { faultCount: 300, seed: Number(process.env['TSGUN_SEED'] ?? 20_261_123) })
  },
)

test(
  'a hundred thousand mutated requests: no crash, no leak, no hang, and none is seen as ' + 'two',
  async (t) => {
    await fuzz(t, { count: 100_000, seed: Number(process.env['TSGUN_SEED'] ?? 20_261_130) })
  },
)

/** Each kind of strict client. */
const everyClient: Scenario['clients'] = [
  { to: 'tcp', connections: 16 },
  { to: 'tcp', connections: 2, fresh: true, pause: 5 }, // the number of ports per minute is limited
  { to: 'unix', connections: 8 },
  { to: 'unix', connections: 8, fresh: true },
  { to: 'tcp', connections: 32, path: '/wait/200' },
  { to: 'unix', connections: 16, path: '/wait/200', fresh: true },
  { to: 'tcp', connections: 16, pause: 50 },
]

test('a hundred reloads fail no request of the strictest clients', async (t) => {
  const settings = 'workers: 2, keepalive: 30'
  await withoutFailure(t, {
    settings,
    clients: everyClient,
    run: (server, clients) => reloads(server, clients, 100),
  })
})

test('repeated TTIN and TTOU fail no request of the strictest clients', async (t) => {
  const settings = 'workers: 2, keepalive: 30'
  await withoutFailure(t, {
    settings,
    clients: everyClient,
    run: (server, clients) => scaleRepeatedly(server, clients, 50),
  })
})

test('twenty upgrades fail no request of the strictest clients', async (t) => {
  const settings = `workers: 2, keepalive: 30, pidfile: 'server.pid'`
  await withoutFailure(t, {
    settings,
    clients: everyClient,
    run: (server, clients) => upgrades(server, clients, 20),
  })
})
