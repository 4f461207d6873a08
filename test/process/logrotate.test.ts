// The real logrotate, as Debian configures it for a server: it renames the files and sends USR1 under load.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import http from 'node:http'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ask } from '../helpers/http.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

const logrotate = '/usr/sbin/logrotate'
const rotations = 6

test(
  'after several rotations under load each request is complete in exactly one file, and nothing goes to an old file',
  { skip: existsSync(logrotate) ? false : `${logrotate} is not installed (apt-get install logrotate)` },
  async (t) => {
    const project = createProject(t, {
      'app.js': `export default (req, res) => { console.log('printed', req.url); res.end() }\n`,
      'server.config.ts': `export default { app: './app.js', bind: '127.0.0.1:0', workers: 2, pidfile: 'server.pid',
  accesslog: 'logs/access.log', errorlog: 'logs/error.log', applog: 'logs/app.log', access_log_format: '%(s)s %(U)s %(D)s' }\n`,
      'logs/.keep': '',
    })
    project.write(
      'logrotate.conf',
      `${project.directory}/logs/*.log {
  rotate 50
  missingok
  nocreate
  sharedscripts
  ${process.geteuid?.() === 0 ? 'su root root' : ''}
  postrotate
    kill -USR1 $(cat ${project.path('server.pid')})
  endscript
}\n`,
    )
    const server = await startServer(project)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
    let [asked, stopped] = [0, false]
    const client = async (): Promise<void> => {
      while (!stopped) assert.equal((await ask(server.url, `/${(asked += 1)}`, { agent })).status, 200)
    }
    const clients = Promise.all(Array.from({ length: 8 }, client))
    for (let rotation = 1; rotation <= rotations; rotation += 1) {
      const [before, size] = [asked, readdirSync(project.path('logs')).length]
      await server.until('some load', () => asked >= before + 300)
      await promisify(execFile)(logrotate, [
        '-f',
        '-s',
        project.path('state'),
        project.path('logrotate.conf'),
      ])
      await server.until(
        'the files to be opened anew',
        () => countOf(`log files reopened`, 'error.log') >= rotation,
      )
      assert.ok(readdirSync(project.path('logs')).length > size)
    }
    stopped = true
    await clients
    agent.destroy()
    await server.stop()

    function parts(log: string): string[] {
      const files = readdirSync(project.path('logs')).filter((file) => file.startsWith(log))
      return files.map((file) => readFileSync(project.path(`logs/${file}`), 'utf8'))
    }
    function countOf(text: string, log: string): number {
      return parts(log).join('').split(text).length - 1
    }
    for (const [log, pattern] of [
      ['access.log', /^200 \/(\d+) \d+$/],
      ['app.log', /^\[.*\] \[\d+\] \[INFO\] \[worker [01]\] printed \/(\d+)$/],
    ] as const) {
      const lines = parts(log).flatMap((text) => text.split('\n').slice(0, -1))
      const numbers = lines.map((line) =>
        Number(pattern.exec(line)?.[1] ?? assert.fail(`a torn line in ${log}: ${line}`)),
      )
      assert.equal(parts(log).length, rotations + 1)
      assert.ok(parts(log).every((text) => text === '' || text.endsWith('\n')))
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        Array.from({ length: asked }, (_, index) => index + 1),
        `each request once in ${log}`,
      )
    }
    assert.equal(countOf('stopped\n', 'error.log'), 1)
    assert.equal(statSync(project.path('logs/access.log')).mode & 0o777, 0o640 & ~process.umask())
  },
)
