// The first mistakes of a new user, as inputs and outputs: each starts the real command. They fail, or warn,
// in one line that says what was meant.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createProject, launch, nodeBinary, repository, startServer } from '../helpers/tsgun.ts'

interface Row {
  readonly name: string
  /** The text of server.config.ts. */
  readonly config?: string
  readonly files?: Readonly<Record<string, string>>
  readonly words?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
  /** The lines of standard error, all of them. */
  readonly says: readonly RegExp[]
  readonly code?: number
}

const config = (name: string, text: string, ...says: RegExp[]): Row => ({
  name,
  config: `export default { app: './app.js', ${text} }\n`,
  says: says.map((each) => new RegExp(`^server\\.config\\.ts: ${each.source}$`)),
})
const line = (name: string, words: readonly string[], ...says: RegExp[]): Row => ({ name, words, says })

const rows: readonly Row[] = [
  line(
    'nothing at all',
    [],
    /^no config file in \/.* \(server\.config\.ts, …\) and no app given: run "tsgun \.\/app\.js", or write server\.config\.ts/,
  ),
  {
    name: 'a config without an app',
    config: 'export default {}\n',
    says: [/^server\.config\.ts: app: no app to serve; add app: "\.\/app\.js", or run: tsgun \.\/app\.js$/],
  },
  line(
    'tsgun start',
    ['start'],
    /^command line: app: "start" is no app file; instead: to start, leave the word out: tsgun \.\/app\.ts/,
  ),
  line(
    'tsgun restart',
    ['restart'],
    /^command line: app: "restart" is no app file; instead: tsgunctl reload --wait, /,
  ),
  line('tsgun log', ['log'], /^command line: app: "log" is no app file; instead: tsgunctl logs -f/),
  line(
    'a file that is missing',
    ['./ap.js'],
    /^command line: app: cannot find module "\.\/ap\.js": tried .*; did you mean .*\/app\.js\?$/,
  ),
  line('a directory', ['.'], /^command line: app: \/.* is a directory; name the file, such as \.\/app\.js$/),
  line('-i 4', ['-i', '4', './app.js'], /^command line: -i: unknown flag; PM2's -i is -w 4 here$/),
  line('--port 3000', ['--port', '3000', './app.js'], /^command line: --port: unknown flag; write -b :3000$/),
  line(
    '--watch',
    ['--watch', './app.js'],
    /^command line: --watch: unknown flag; PM2's --watch is --reload here \(for development only\)$/,
  ),
  line(
    '--max-memory-restart',
    ['--max-memory-restart', '300M'],
    /^command line: --max-memory-restart: unknown flag; PM2's --max-memory-restart is --max-memory 300M here/,
  ),
  line(
    '--preload',
    ['--preload', './app.js'],
    /no app given: .*; --preload took \.\/app\.js as its module: a preload\(\) that the app exports runs without it/,
  ),
  config(
    'names of gunicorn and PM2',
    `preload: 1, threads: 2, preload_app: 1, statsd_host: '', port: 3000, instances: 4`,
    /preload: expected a module path, or null; got 1; leave it out: a preload\(\) that the app exports .*/,
    /threads: expected `worker_class` "threads" to be set too, because .* "async" have none/,
    /preload_app: unknown setting; gunicorn's "preload_app" is "preload" here/,
    /statsd_host: unknown setting; gunicorn's "statsd_host" is planned, .*/,
    /port: unknown setting; write bind: ":3000"/,
    /instances: unknown setting; PM2's "instances" is workers: 4 here/,
  ),
  config(
    'bind as a URL with a path',
    `bind: 'http://localhost:8000/'`,
    /bind: expected .* \(an address has no path: write "http:\/\/localhost:8000"\)/,
  ),
  config('bind as a port', `bind: '8000'`, /bind: expected .* \(for the port write ":8000"\)/),
  config('bind as a number', `bind: 8000`, /bind: expected .*; got 8000; write ":8000"/),
  config(
    'bind as a path',
    `bind: '/tmp/x.sock'`,
    /bind: expected .* \(did you mean "unix:\/tmp\/x\.sock"\?\)/,
  ),
  {
    name: 'PORT=abc',
    words: ['./app.js'],
    environment: { PORT: 'abc' },
    says: [/^environment: PORT: expected a port number from 0 to 65535; got "abc"$/],
  },
  config(
    'NaN and Infinity',
    `timeout: NaN, keepalive: Infinity, env: { A: undefined }`,
    /env\.A: expected text; got undefined; is a variable unset\?/,
    /keepalive: expected seconds, 0 or more; got Infinity; is a variable unset\?/,
    /timeout: expected seconds, 0 or more; got NaN; is a variable unset\?/,
  ),
  config(
    'a time with a unit',
    `timeout: '30s', graceful_timeout: '2m'`,
    /timeout: .*; got "30s"; write 30/,
    /graceful_timeout: .*; got "2m"; write 120/,
  ),
  config(
    'a size without a unit',
    `max_memory: 512`,
    /max_memory: .*; 512 is 512 bytes; did you mean "512M"\?/,
  ),
  config(
    'parts of the rotation',
    `log_rotation: { max: 3 }`,
    /log_rotation\.max: unknown part; did you mean "keep"\?/,
  ),
  config(
    'a rotation as text',
    `log_rotation: '1d'`,
    /log_rotation: .*; got "1d"; write \{ interval: "1d" \}/,
  ),
  {
    name: 'a mask in YAML',
    files: {
      'server.config.yml': 'app: ./app.js\numask: 022\nlog_file_mode: 0640\ncontrol_socket_mode: 0o660\n',
    },
    says: [
      /^server\.config\.yml: control_socket_mode: .*; got 0o660; write "660" in quotes$/,
      /^server\.config\.yml: log_file_mode: expected octal digits as text, .*; got 0640; write "640" in quotes$/,
      /^server\.config\.yml: umask: .*; got 022; write "022" in quotes$/,
    ],
  },
  config('a number in env', `env: { A: 1 }`, /env\.A: expected text; got 1; write "1"/),
  config(
    'a hook by another name',
    `on_start() {}`,
    /on_start: unknown setting; did you mean the hook on_starting\?/,
  ),
  config(
    'a hook script that is missing',
    `hooks: './nix.ts'`,
    /hooks: no file \/.*\/nix\.ts \(from "\.\/nix\.ts"\)/,
  ),
  line(
    'a group that is missing',
    ['--group', 'nosuch', './app.js'],
    /^command line: --group: group nosuch does not exist$/,
  ),
  {
    name: 'a list of apps',
    config: 'export default [{ name: "a" }]\n',
    says: [/^server\.config\.ts: it is a list \(PM2's apps\?\); expected one object of settings: .*$/],
  },
  {
    name: 'a wrong import',
    config: `import { defineConfg } from 'tsgun'\nexport default defineConfg({})\n`,
    says: [/^server\.config\.ts: tsgun exports no "defineConfg"; did you mean "defineConfig"\?$/],
  },
  {
    name: 'a package that is missing',
    config: `import x from 'no-such-package'\nexport default x\n`,
    says: [
      /^server\.config\.ts: \/.*\/server\.config\.ts:1 imports "no-such-package", which is not installed; npm install no-such-package$/,
    ],
  },
  {
    name: 'a config that ends too early',
    config: 'export default {\n  app: [1,\n\n\n',
    says: [
      /^server\.config\.ts: \/.*\/server\.config\.ts:2:11: .*end of file$/,
      /^$/,
      /^ {6}app: \[1,$/,
      /^ {14}\^$/,
    ],
  },
  {
    name: 'a JSON config that ends too early',
    files: { 'server.config.json': '{ "app":\n\n' },
    says: [/^server\.config\.json: /],
  },
  {
    name: 'an unreachable directory of the pidfile',
    words: ['-p', 'run/shop/app.pid', './app.js', '-b', '127.0.0.1:0'],
    says: [
      /the start failed: cannot write the pidfile \/.*\/run\/shop\/app\.pid: there is no directory \/.*\/run\/shop/,
    ],
  },
  {
    name: 'a directory as a log',
    words: ['--error-logfile', 'logs', './app.js'],
    says: [/^errorlog: cannot open \/.*\/logs: it is a directory$/],
  },
]

const listener = 'export default (req, res) => res.end("ok")\n'

async function check(t: TestContext, row: Row): Promise<void> {
  const files = {
    'app.js': listener,
    ...(row.config === undefined ? {} : { 'server.config.ts': row.config }),
    ...row.files,
  }
  const project = createProject(t, files)
  mkdirSync(project.path('logs'))
  const command = launch(project, { arguments: row.words ?? [], environment: row.environment ?? {} })
  assert.deepEqual(await command.exit(), { code: row.code ?? 1, signal: null }, command.report())
  const lines = command.stderr.trimEnd().split('\n')
  assert.doesNotMatch(command.stderr, /^\s+at /m)
  for (const pattern of row.says)
    assert.ok(
      lines.some((text) => pattern.test(text)),
      `${pattern}\n${command.stderr}`,
    )
  if (row.words?.includes('-p') !== true) assert.equal(lines.length, row.says.length, command.stderr)
}

for (let at = 0; at < rows.length; at += 6) {
  const some = rows.slice(at, at + 6)
  test(`the first mistakes: ${some.map(({ name }) => name).join('; ')}`, async (t) => {
    await Promise.all(some.map((row) => t.test(row.name, (inner) => check(inner, row))))
  })
}

interface AppRow {
  readonly name: string
  readonly file: string
  readonly text: string
  /** What is said once of the app: the start failed because of it. */
  readonly says: RegExp
  readonly code: 3 | 4
}

const appRows: readonly AppRow[] = [
  {
    name: 'an app in TypeScript that ends too early',
    file: 'a.ts',
    text: 'export default (): void => {\n  console.log(1)\n\n\n',
    says: /the start failed: \/.*\/a\.ts:2:17: Unexpected end of file\s+console\.log\(1\)\n +\^;/,
    code: 3,
  },
  {
    name: 'an app in JavaScript that ends too early',
    file: 'a.js',
    text: 'export default () => {\n  console.log(1)\n\n\n',
    says: /the start failed: \/.*\/a\.js:2:17: Unexpected end of file; exit code 3$/m,
    code: 3,
  },
  {
    name: 'an app that exports nothing',
    file: 'a.ts',
    text: 'interface Nothing {}\n',
    says: /the start failed: \.\/a\.ts exports nothing and does not listen; add "export default app"/,
    code: 4,
  },
  {
    name: 'an app that imports a package that is not installed',
    file: 'a.ts',
    text: `\nimport x from 'no-such-package'\nexport default x\n`,
    says: /the start failed: \/.*\/a\.ts:2 imports "no-such-package", which is not installed; npm install no-such-package/,
    code: 3,
  },
]

test('an app beside a config that is started from another directory is found by the hint', async (t) => {
  const project = createProject(t, {
    'packages/api/app.ts': listener,
    'packages/api/server.config.ts': `export default { app: './app.ts', bind: '127.0.0.1:0' }\n`,
  })
  const command = launch(project, { arguments: ['-c', 'packages/api/server.config.ts'] })
  assert.equal((await command.exit()).code, 1)
  const hint = '; it is beside the config: start tsgun there, or with --chdir packages/api\n'
  assert.ok(command.stderr.endsWith(hint), command.report())
  const server = await startServer(project, {
    arguments: ['-c', 'packages/api/server.config.ts', '--chdir', 'packages/api'],
  })
  await server.stop()
})

test('the first mistakes in an app end the start with their place and remedy', async (t) => {
  await Promise.all(
    appRows.map(({ name, file, text, says, code }) =>
      t.test(name, async (inner) => {
        const project = createProject(inner, { [file]: text })
        const command = launch(project, { arguments: [`./${file}`, '-b', '127.0.0.1:0'] })
        assert.deepEqual(await command.exit(), { code, signal: null }, command.report())
        assert.match(command.stderr, says)
        assert.equal(command.stderr.match(/Require stack/g), null)
      }),
    ),
  )
})

test('values that look like a mistake are warned of, and used', async (t) => {
  const project = createProject(t, {
    'app.js': listener,
    'server.config.ts': `export default { app: './app.js', bind: '127.0.0.1:0', timeout: 30000, log_rotation: { size: '100' } }\n`,
  })
  const server = await startServer(project, { arguments: ['-e', 'production', '-p', '3000'] })
  for (const text of [
    /production sets an empty variable "production"; did you mean -e NODE_ENV=production\?/,
    /--pid: this is the file "3000"; for a port: -b :3000/,
    /timeout: 30000 is 8\.3 hours; settings are in seconds: did you mean 30\?/,
    /log_rotation\.size: 100 is 100 bytes; did you mean "100M"\?/,
  ])
    await server.says(text)
  await server.stop()
})

test('-v and the word version show the version, help the help', async (t) => {
  const project = createProject(t)
  const outputs = await Promise.all(
    [['-v'], ['--version'], ['version'], ['help']].map(async (words) => {
      const command = launch(project, { arguments: words })
      assert.deepEqual(await command.exit(), { code: 0, signal: null }, command.report())
      return command.stdout
    }),
  )
  assert.match(outputs[0] ?? '', /^\d+\.\d+\.\d+\n$/)
  assert.deepEqual([outputs[1], outputs[2]], [outputs[0], outputs[0]])
  assert.match(outputs[3] ?? '', /^Usage: tsgun/)
})

test('commands of tsgunctl are words of tsgun, with its exit codes; a file of that name is a path', async (t) => {
  const project = createProject(t, {
    'app.js': listener,
    'stop.js': listener,
    'server.config.ts': `export default { bind: '127.0.0.1:0', control_socket: './control.sock' }\n`,
  })
  const run = async (...words: string[]): Promise<{ code: number | null; text: string }> => {
    const command = launch(project, { arguments: words })
    const { code } = await command.exit()
    return { code, text: command.stdout + command.stderr }
  }
  const none = await run('status')
  assert.equal(none.code, 69, none.text)
  const server = await startServer(project, { arguments: ['./stop'] })
  assert.match((await run('status')).text, /worker/)
  assert.equal((await run('--json', 'workers')).code, 0)
  assert.equal((await run('-c', 'server.config.ts', 'reload', '--wait')).code, 0)
  assert.equal((await run('scale', 'many')).code, 2)
  assert.deepEqual(
    (await run('status', '--socket', './app.js')).text,
    `tsgunctl: ${project.path('app.js')} is no socket; is it the right path?\n`,
  )
  assert.equal((await run('stop', '--wait')).code, 0)
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})

/** Sockets that a path of tsgunctl may lead to by mistake. */
const otherSockets: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  'JSON of the app': (_, response) =>
    void response.setHeader('Content-Type', 'application/json').end('{"state":"serving"}'),
  'a page of the app': (_, response) => void response.setHeader('Content-Type', 'text/html').end('<html>'),
}

for (const [name, listener] of Object.entries(otherSockets))
  test(`tsgunctl on a socket of another server says so: ${name}`, async (t) => {
    const project = createProject(t)
    const server = createServer(listener).listen(project.path('app.sock'))
    t.after(() => server.close())
    for (const words of [['status'], ['workers'], ['reload', '--wait']]) {
      const command = launch(project, { arguments: [...words, '--socket', 'app.sock'] })
      assert.equal((await command.exit()).code, 69, command.report())
      assert.equal(
        command.stderr,
        `tsgunctl: no server responds at ${project.path('app.sock')}: that is no control socket of tsgun, ` +
          'but another server; is it the right path?\n',
      )
    }
  })

test('tsgunctl says after 3 s that it waits for a master that is frozen, and gets its response', async (t) => {
  const project = createProject(t, {
    'app.js': listener,
    'server.config.ts': `export default { app: './app.js', bind: '127.0.0.1:0', control_socket: './control.sock' }\n`,
  })
  const server = await startServer(project)
  server.signal('SIGSTOP')
  const command = launch(project, { arguments: ['status'] })
  try {
    await command.says(/^tsgunctl: waiting for the master at \/.*\/control\.sock …$/m)
  } finally {
    server.signal('SIGCONT')
  }
  assert.equal((await command.exit()).code, 0, command.report())
  assert.match(command.stdout, /^state +serving/m)
  await server.stop()
})

test('a start in a directory that was removed says what to do, in one line', (t) => {
  const project = createProject(t)
  mkdirSync(project.path('gone'))
  const { status, stderr } = spawnSync(
    'sh',
    [
      '-c',
      'cd gone && rmdir ../gone && exec "$0" "$1" ./app.js',
      nodeBinary,
      join(repository, 'bin/tsgun.js'),
    ],
    { cwd: project.directory, encoding: 'utf8', timeout: 60_000 },
  )
  assert.equal(status, 1)
  assert.match(
    stderr,
    /^the current directory no longer exists: change to the directory of the app \(cd\), .*\n$/,
  )
})
