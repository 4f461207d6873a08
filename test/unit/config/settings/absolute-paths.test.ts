// The paths of a server whose process keeps its working directory.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withAbsolutePaths, withAbsoluteSockets } from '../../../../src/config/settings/absolute-paths.ts'
import type { Settings } from '../../../../src/config/settings/table.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'

function paths(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { settings, problems } = resolveSettings([{ where: 'test', values }], {})
  assert.deepEqual(problems, [])
  const absolute: Readonly<Record<string, unknown>> = { ...withAbsolutePaths(settings, '/srv/shop') }
  return Object.fromEntries(Object.keys(values).map((name) => [name, absolute[name]]))
}

test('files and unix sockets start at the directory of the config', () => {
  assert.deepEqual(
    paths({
      accesslog: 'logs/access.log',
      errorlog: { path: 'error.log', rotation: null },
      applog: '/var/log/app.log',
      pidfile: '../shop.pid',
      control_socket: './control.sock',
      bind: ['unix:http.sock', 'https+unix:tls.sock', 'unix:/run/shop.sock', '127.0.0.1:8000', 'fd://3'],
    }),
    {
      accesslog: '/srv/shop/logs/access.log',
      errorlog: { path: '/srv/shop/error.log', rotation: null },
      applog: '/var/log/app.log',
      pidfile: '/srv/shop.pid',
      control_socket: '/srv/shop/control.sock',
      bind: [
        'unix:/srv/shop/http.sock',
        'https+unix:/srv/shop/tls.sock',
        'unix:/run/shop.sock',
        '127.0.0.1:8000',
        'fd://3',
      ],
    },
  )
})

test('the logs of services and schedules too', () => {
  const values = {
    services: { feed: { command: ['feed'], applog: 'feed.log', errorlog: '-' } },
    schedules: { job: { cron: '@daily', run: './job.js', applog: { path: 'job.log', rotation: null } } },
  }
  const { services, schedules } = paths(values) as unknown as Pick<Settings, 'services' | 'schedules'>
  assert.equal(services['feed']?.applog, '/srv/shop/feed.log')
  assert.ok(!('accesslog' in (services['feed'] ?? {})), 'that of the server stays in force')
  assert.deepEqual(schedules['job']?.applog, { path: '/srv/shop/job.log', rotation: null })
})

test('what is no path of its own stays', () => {
  const applog = { path: '-', rotation: null }
  const values = { accesslog: '-', errorlog: null, applog, pidfile: null, bind: ':8000' }
  assert.deepEqual(paths(values), values)
})

test('the sockets of a service start at the directory too', () => {
  assert.equal(withAbsoluteSockets('unix:live.sock', '/srv/shop'), 'unix:/srv/shop/live.sock')
  assert.deepEqual(withAbsoluteSockets(['127.0.0.1:1', 'unix:/a'], '/srv'), ['127.0.0.1:1', 'unix:/a'])
})
