import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveSettings } from '../../../src/config/sources/resolve.ts'
import type { Settings } from '../../../src/config/settings/table.ts'
import { quote, type UnitFacts } from '../../../src/systemd/unit-facts.ts'
import { serviceUnit, socketUnit, unitName } from '../../../src/systemd/units.ts'
import { acmeSettings } from '../../helpers/acme-settings.ts'

function factsOf(
  values: Partial<Record<keyof Settings, unknown>>,
  changes: Partial<UnitFacts> = {},
): UnitFacts {
  const { settings } = resolveSettings([{ where: 'test', values }], {})
  return {
    node: '/usr/bin/node',
    bin: '/srv/shop/tsgun.js',
    words: [],
    directory: '/srv/shop',
    settings,
    isActivated: false,
    ...changes,
  }
}

const linesOf = (facts: UnitFacts, setting: string): string[] =>
  serviceUnit(facts)
    .split('\n')
    .filter((line) => line.startsWith(`${setting}=`))

test('the service can write only to the directories that the config writes to', () => {
  const facts = factsOf({
    accesslog: '/var/log/shop/access.log',
    errorlog: 'logs/error.log',
    applog: '-',
    pidfile: '/run/shop/tsgun.pid',
    bind: ['unix:/run/shop-web/http.sock', 'unix:/srv/sockets/a.sock'],
  })
  assert.deepEqual(linesOf(facts, 'RuntimeDirectory'), ['RuntimeDirectory=shop shop-web'])
  assert.deepEqual(linesOf(facts, 'LogsDirectory'), ['LogsDirectory=shop'])
  assert.deepEqual(linesOf(facts, 'ReadWritePaths'), ['ReadWritePaths=/srv/shop/logs /srv/sockets'])
  assert.deepEqual(linesOf(facts, 'PrivateTmp'), ['PrivateTmp=yes'])
})

test('it can write to those of services and schedules too', () => {
  const facts = factsOf({
    schedules_file: 'state/schedules',
    services: {
      live: { app: './live.ts', bind: 'unix:sockets/live.sock', accesslog: 'live/access.log' },
      feed: { command: ['feed'], applog: { path: '/var/log/feed/out.log', rotation: null } },
    },
    schedules: { job: { cron: '@daily', run: './job.ts', errorlog: 'jobs/error.log' } },
  })
  assert.deepEqual(linesOf(facts, 'LogsDirectory'), ['LogsDirectory=feed'])
  assert.deepEqual(linesOf(facts, 'ReadWritePaths'), [
    'ReadWritePaths=/srv/shop/live /srv/shop/jobs /srv/shop/state /srv/shop/sockets',
  ])
})

test('the directory of certificates is kept by systemd, or is there', () => {
  const kept = factsOf({ acme: { ...acmeSettings, storage: '/var/lib/shop/acme' } })
  assert.deepEqual(linesOf(kept, 'StateDirectory'), ['StateDirectory=shop/acme'])
  const own = factsOf({ acme: acmeSettings })
  assert.deepEqual(linesOf(own, 'ReadWritePaths'), ['ReadWritePaths=/srv/shop/acme'])
})

test('a project in /tmp or in a home directory stays visible', () => {
  const facts = factsOf({}, { directory: '/tmp/shop', node: '/root/.nvm/bin/node' })
  assert.deepEqual(linesOf(facts, 'PrivateTmp'), [])
  assert.deepEqual(linesOf(facts, 'ReadWritePaths'), ['ReadWritePaths=/tmp'])
  assert.deepEqual(linesOf(facts, 'ProtectHome'), ['ProtectHome=read-only'])
})

test('only a port below 1024 and `user` need capabilities, and the port needs none when systemd opens it', () => {
  assert.deepEqual(linesOf(factsOf({ bind: '0.0.0.0:1024' }), 'CapabilityBoundingSet'), [
    'CapabilityBoundingSet=',
  ])
  assert.deepEqual(linesOf(factsOf({ bind: '[::]:80' }), 'AmbientCapabilities'), [
    'AmbientCapabilities=CAP_NET_BIND_SERVICE',
  ])
  assert.deepEqual(linesOf(factsOf({ bind: '[::]:80' }, { isActivated: true }), 'AmbientCapabilities'), [])
  const root = factsOf({ user: 1000 })
  assert.match(linesOf(root, 'CapabilityBoundingSet')[0] ?? '', /CAP_SETUID/)
  assert.deepEqual(linesOf(root, 'SystemCallFilter'), ['SystemCallFilter=@system-service'])
})

test('the time limits are longer than those of the settings', () => {
  const facts = factsOf({ boot_timeout: 100, graceful_timeout: 300, hook_timeout: 10 })
  assert.deepEqual(linesOf(facts, 'TimeoutStartSec'), ['TimeoutStartSec=125'])
  assert.deepEqual(linesOf(facts, 'TimeoutStopSec'), ['TimeoutStopSec=325'])
  assert.deepEqual(linesOf(facts, 'WatchdogSec'), ['WatchdogSec=330'])
  assert.deepEqual(linesOf(factsOf({ boot_timeout: 0 }), 'TimeoutStartSec'), ['TimeoutStartSec=infinity'])
})

test('the command line is quoted for systemd and stays in the foreground', () => {
  assert.equal(quote('a b'), '"a b"')
  assert.equal(quote('100%'), '100%%')
  assert.equal(quote('it is "$HOME"'), '"it is \\"$$HOME\\""')
  assert.equal(quote('a\\b'), '"a\\\\b"')
  const facts = factsOf({ daemon: true }, { words: ['-c', 'my config.ts'] })
  assert.deepEqual(linesOf(facts, 'ExecStart'), [
    'ExecStart=/usr/bin/node /srv/shop/tsgun.js -c "my config.ts" --daemon=false',
  ])
})

test('the socket unit has the addresses of `bind`, and the service uses the sockets in that order', () => {
  const facts = factsOf(
    { bind: ['[::1]:8000', 'unix:/run/shop/http.sock', 'localhost'], umask: 0o117 },
    { isActivated: true },
  )
  const unit = socketUnit(facts) ?? ''
  assert.match(
    unit,
    /ListenStream=\[::1\]:8000\nListenStream=\/run\/shop\/http\.sock\nListenStream=127\.0\.0\.1:8000\n/,
  )
  assert.match(unit, /SocketMode=0660/)
  assert.match(linesOf(facts, 'ExecStart')[0] ?? '', / -b fd:\/\/3 -b fd:\/\/4 -b fd:\/\/5$/)
  assert.equal(socketUnit(factsOf({ bind: 'fd://3' }, { isActivated: true })), undefined)
})

test('the unit has the name of the process or of the directory', () => {
  assert.equal(unitName(factsOf({ proc_name: 'the shop/1' })), 'the-shop-1')
  assert.equal(unitName(factsOf({})), 'shop')
  assert.equal(unitName(factsOf({}, { directory: '/' })), 'tsgun')
})
