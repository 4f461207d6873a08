// A development server in a terminal that is closed.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isAlive, killProcess } from '../helpers/processes.ts'
import { cleanEnvironment, createProject, nodeBinary, repository } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = `export default (req, res) => res.end('ok')\n`

for (const [words, ends] of [
  ['--reload', true],
  ['', false],
] as const) {
  test(`a closed terminal ${ends ? 'ends a development server' : 'reloads another server'}`, async (t) => {
    const project = createProject(t, { 'app.js': app })
    const command = `${nodeBinary} ${join(repository, 'bin/tsgun.js')} -b 127.0.0.1:0 -p server.pid ${words} --error-logfile error.log ./app.js`
    // script(1) has the other end of the terminal
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: project.directory,
      env: { ...cleanEnvironment(), TMPDIR: project.path('tmp') },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    t.after(() => terminal.kill('SIGKILL'))
    const log = (): string => (existsSync(project.path('error.log')) ? project.read('error.log') : '')
    await eventually('the server', () => /ready/.test(log()) || undefined)
    const pid = Number(project.read('server.pid'))
    project.onEnd(async () => {
      if (isAlive(pid)) killProcess(pid, 'SIGTERM')
      await eventually('the end', () => !isAlive(pid) || undefined)
    })
    terminal.kill('SIGKILL')
    if (ends) await eventually('the end of the server', () => !isAlive(pid) || undefined)
    else await eventually('the reload', () => /reload done/.test(log()) || undefined)
    assert.match(log(), ends ? /got SIGHUP[^]*stopping \(quick\)/ : /got SIGHUP/)
  })
}

test('a terminal shows the colours that the app prints, and of a server whose logs are files where it serves', async (t) => {
  const shown = async (words: string, wanted: RegExp): Promise<string> => {
    const project = createProject(t, { 'app.js': `console.log('\\u001b[32mgreen\\u001b[2J')\n${app}` })
    const command = `${nodeBinary} ${join(repository, 'bin/tsgun.js')} -b 127.0.0.1:0 -p server.pid ${words} ./app.js`
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: project.directory,
      env: { ...cleanEnvironment(), TMPDIR: project.path('tmp') },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    t.after(() => terminal.kill('SIGKILL'))
    const ended = once(terminal, 'close')
    let text = ''
    terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    await eventually(
      `the text ${wanted}`,
      () => wanted.test(text) || undefined,
      () => text,
    )
    killProcess(Number(project.read('server.pid')), 'SIGTERM')
    await ended
    return text
  }
  const colourful = await shown('', /the worker is ready/)
  assert.match(colourful, /\[worker 0\] \u001b\[32mgreen\\x1b\[2J\u001b\[0m\r\n/)
  assert.match(
    await shown('--error-logfile e.log --app-logfile a.log', /serving at/),
    /^tsgun: serving at http:\/\/127\.0\.0\.1:\d+ \(master pid \d+\); error log: \S+\/e\.log\r\n$/,
  )
})
