// Logs of services and schedules: files of their own, which the server opens, rotates, reopens and shows, and
// those of the server for all others.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, renameSync } from 'node:fs'
import { test } from 'node:test'
import type { Status } from '../../src/control/protocol.ts'
import { tsgunctl } from '../helpers/control.ts'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'

const says = (text: string): string =>
  `export default (req, res) => { console.log('${text} says', req.url); res.end() }\n`

const config = (services: string, more = ''): string =>
  `export default { app: './web.js', bind: '127.0.0.1:0', workers: 1, control_socket: 'ctl.sock',
    accesslog: 'access.log', errorlog: 'error.log', applog: 'app.log',
    services: { ${services} }, ${more} }\n`

const feed = (applog: string): string => `feed: { command: ['sh', 'feed.sh'], applog: ${applog} },`

const files = {
  'web.js': says('web'),
  'live.js': says('live'),
  'job.js': `export function run({ log }) { console.log('the job says'); log.info('the job logs') }\n`,
  'feed.sh': 'while sleep 0.05; do echo feed runs; done\n',
}

const has = (project: Project, file: string, text: RegExp) => (): boolean => text.test(project.read(file))

const rotatedFiles = (project: Project, name: string): number =>
  readdirSync(project.directory).filter((file) => file.startsWith(`${name}.`)).length

test('a service has log files of its own, which are rotated, reopened, shown and changed by a reload', async (t) => {
  const live = `live: { app: './live.js', bind: 'unix:live.sock', accesslog: 'live-access.log',
    access_log_format: 'json', applog: { path: 'live.log', rotation: { size: '1G' } } },`
  const quiet = `quiet: { app: './live.js', bind: 'unix:quiet.sock', accesslog: null },`
  const schedules = `schedules: { job: { cron: '@yearly', run: './job.js', applog: 'job.log' } },`
  const project = createProject(t, {
    ...files,
    'server.config.js': config(live + quiet + feed(`'feed.log'`), schedules),
  })
  const server = await startServer(project)
  await ask(server.url, '/w')
  await ask(`unix:${project.path('live.sock')}`, '/l')
  await ask(`unix:${project.path('quiet.sock')}`, '/q')
  await server.until('its lines', has(project, 'live.log', /live says \/l/))
  await server.until('its requests', has(project, 'live-access.log', /^\{.*"service":"live".*"path":"\/l"/m))
  await server.until('lines of the program', has(project, 'feed.log', /feed runs/))
  await server.until('those of the app', has(project, 'access.log', /GET \/w/))
  await server.until('those without a file', has(project, 'app.log', /live says \/q/))
  await tsgunctl(project, 'run', 'job')
  await server.until('those of a schedule', has(project, 'job.log', /the job logs/))
  assert.match(project.read('job.log'), /the job says/)
  assert.doesNotMatch(project.read('app.log'), /feed|\/l|the job/)
  assert.doesNotMatch(project.read('access.log'), /\/l|\/q/)

  const { logs } = JSON.parse(await tsgunctl(project, '--json', 'status')) as Status
  assert.deepEqual(Object.keys(logs), [
    'access',
    'error',
    'app',
    'live/access',
    'live/app',
    'quiet/access',
    'feed/app',
    'job/app',
  ])
  assert.equal(logs['live/app']?.name, project.path('live.log'))
  assert.ok((logs['live/app']?.written ?? 0) > 0)
  assert.match(await tsgunctl(project, 'status'), /feed\/app log +\S+feed\.log, /)

  await tsgunctl(project, 'rotate', 'app')
  for (const name of ['live.log', 'feed.log', 'app.log', 'job.log'])
    await server.until(`the rotation of ${name}`, () => rotatedFiles(project, name) >= 1)
  renameSync(project.path('live-access.log'), project.path('moved.log'))
  server.signal('SIGUSR1')
  await server.until('the file', () => existsSync(project.path('live-access.log')))

  project.write('server.config.js', config(feed(`'other.log'`)))
  server.signal('SIGHUP')
  await server.until('the reload', has(project, 'error.log', /reload done/))
  await server.until('the other file', has(project, 'other.log', /feed runs/))
  await server.stop()
})

test('a log file of a service that cannot be had ends the start or the reload with its name', async (t) => {
  const project = createProject(t, {
    ...files,
    'server.config.js': config(feed(`'missing/feed.log'`)),
  })
  const failed = launch(project)
  assert.equal((await failed.exit()).code, 1)
  assert.match(failed.stderr, /services\.feed\.applog: cannot open \S*missing\/feed\.log: .*does not exist/)

  project.write('server.config.js', config(feed(`{ path: 'app.log', rotation: { size: '1M' } }`)))
  const mixed = launch(project)
  assert.notEqual((await mixed.exit()).code, 0)
  assert.match(
    mixed.stderr,
    /expected the same rotation in services\.feed\.applog as `applog`, because both logs are the file/,
  )

  project.write('server.config.js', config(feed(`'feed.log'`)))
  const server = await startServer(project)
  project.write('server.config.js', config(feed(`'missing/feed.log'`)))
  server.signal('SIGHUP')
  await server.until(
    'its end',
    has(project, 'error.log', /reload failed.*services\.feed\.applog: cannot open/),
  )
  await server.stop()
})
