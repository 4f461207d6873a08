// Not one failed request, for the strictest client, whatever the operator does to the workers. The long
// forms are in test/soak.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  untilUnavailable,
  moreResponses,
  reloads,
  scaleRepeatedly,
  upgrades,
  withoutFailure,
} from '../helpers/zero-failures.ts'

test('five reloads at full speed over TCP, on kept and new connections, fail no request', async (t) => {
  await withoutFailure(t, {
    settings: 'workers: 2',
    clients: [
      { to: 'tcp', connections: 12 },
      { to: 'tcp', connections: 3, fresh: true },
    ],
    run: (server, clients) => reloads(server, clients, 5),
  })
})

test('five reloads over a unix socket, on kept and new connections, fail no request', async (t) => {
  await withoutFailure(t, {
    settings: 'workers: 2',
    clients: [
      { to: 'unix', connections: 4 },
      { to: 'unix', connections: 8, fresh: true },
    ],
    run: (server, clients) => reloads(server, clients, 5),
  })
})

test('reloads and many TTIN and TTOU with requests of 200 ms, paced and not, fail no request', async (t) => {
  await withoutFailure(t, {
    settings: 'workers: 2, keepalive: 30',
    clients: [
      { to: 'tcp', connections: 24, path: '/wait/200' },
      { to: 'unix', connections: 8, path: '/wait/200', fresh: true },
      { to: 'tcp', connections: 24, path: '/wait/1', pause: 30 },
    ],
    async run(server, clients) {
      await reloads(server, clients, 2)
      await scaleRepeatedly(server, clients, 2)
    },
  })
})

test('three upgrades, over TCP and a unix socket, on kept and new connections, fail no request', async (t) => {
  await withoutFailure(t, {
    settings: `workers: 2, keepalive: 30, pidfile: 'server.pid'`,
    clients: [
      { to: 'tcp', connections: 4 },
      { to: 'tcp', connections: 2, fresh: true },
      { to: 'unix', connections: 2 },
      { to: 'unix', connections: 2, fresh: true },
      { to: 'tcp', connections: 8, path: '/wait/200' },
    ],
    run: (server, clients) => upgrades(server, clients, 3),
  })
})

test('recycling by max_requests fails no request', async (t) => {
  await withoutFailure(t, {
    settings: 'workers: 2, max_requests: 300, max_requests_jitter: 100',
    clients: [
      { to: 'tcp', connections: 8 },
      { to: 'unix', connections: 2, fresh: true },
    ],
    async run(server, clients) {
      await server.says(/is retired after \d+ requests \(max_requests\)/, 4)
      await moreResponses(server, clients, 10)
    },
  })
})

test('a graceful stop behind a balancer, which reuses no connection after Connection: close, fails no request', async (t) => {
  await withoutFailure(t, {
    settings: 'workers: 2, keepalive: 30',
    clients: [
      { to: 'tcp', connections: 16, stopsAtClose: true },
      { to: 'unix', connections: 4, stopsAtClose: true },
      { to: 'tcp', connections: 16, path: '/wait/200', stopsAtClose: true },
      { to: 'tcp', connections: 8, pause: 100, stopsAtClose: true },
    ],
    async run(server, clients) {
      await moreResponses(server, clients, 5)
      server.signal('SIGTERM')
      await Promise.all(clients.map((client) => client.stopped()))
      assert.deepEqual(await server.exit(), { code: 0, signal: null })
    },
  })
})

test('a graceful stop with drain_delay behind a balancer that checks health_check fails no request, on new connections neither', async (t) => {
  await withoutFailure(t, {
    settings: `workers: 2, drain_delay: 4, health_check: '/ready'`,
    clients: [
      { to: 'tcp', connections: 4, fresh: true },
      { to: 'unix', connections: 4, fresh: true, path: '/wait/200' },
      { to: 'tcp', connections: 8 },
    ],
    async run(server, clients) {
      server.signal('SIGTERM')
      await untilUnavailable(server, '/ready')
      await Promise.all(clients.map((client) => client.stop())) // the balancer sends its requests elsewhere
      assert.deepEqual(await server.exit(), { code: 0, signal: null })
    },
  })
})
