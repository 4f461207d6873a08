// Which config file is found, what it may contain, the order of precedence, and the error of each mistake.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer, type LaunchOptions, type Project } from '../helpers/tsgun.ts'

interface Printed {
  readonly config: string | null
  readonly settings: Readonly<Record<string, unknown>>
  readonly origins: Readonly<Record<string, string>>
  readonly hooks: Readonly<Record<string, readonly string[]>>
}

/** Returns what --print-config --json prints; the command has to exit with 0 and print nothing else. */
async function printed(project: Project, options: LaunchOptions = {}): Promise<Printed> {
  const command = launch(project, {
    ...options,
    arguments: ['--print-config', '--json', ...(options.arguments ?? [])],
  })
  assert.deepEqual(await command.exit(), { code: 0, signal: null }, command.report())
  assert.equal(command.stderr, '')
  return JSON.parse(command.stdout) as Printed
}

/** Returns the error lines of a config that is refused. */
async function refusal(project: Project, options: LaunchOptions = {}): Promise<string> {
  const command = launch(project, options)
  assert.deepEqual(await command.exit(), { code: 1, signal: null }, command.report())
  assert.equal(command.stdout, '')
  assert.doesNotMatch(command.stderr, /^\s+at /m)
  return command.stderr
}

const esm = 'export default { proc_name: import.meta.url }\n'
const places: Readonly<Record<string, string>> = {
  'server.config.ts': 'const name: string = "found"\nexport default { proc_name: name }\n',
  'server.config.mts': 'const name: string = "found"\nexport default { proc_name: name }\n',
  'server.config.cts': 'const name: string = "found"\nmodule.exports = { proc_name: name }\n',
  'server.config.js': 'export default { proc_name: "found" }\n',
  'server.config.mjs': 'export default { proc_name: "found" }\n',
  'server.config.cjs': 'module.exports = { proc_name: "found" }\n',
  'server.config.json':
    '{ "$schema": "./node_modules/tsgun/dist/settings.schema.json", "proc_name": "found" }\n',
  'server.config.yaml': 'proc_name: found\n',
  'server.config.yml': 'proc_name: found\n',
  'package.json': '{ "type": "module", "tsgun": { "proc_name": "found" } }\n',
}

test('the config file is found under each of its names, in their order, and -c names another', async (t) => {
  await Promise.all(
    Object.entries(places).map(async ([name, text]) => {
      const project = createProject(t, { [name]: text })
      const { config, settings, origins } = await printed(project)
      assert.equal(config, project.path(name))
      assert.equal(settings['proc_name'], 'found')
      assert.equal(origins['proc_name'], name)
    }),
  )
  const all = createProject(t, { ...places, 'etc/other.mjs': esm, 'app/.keep': '' })
  assert.equal((await printed(all)).config, all.path('server.config.ts'))
  assert.equal((await printed(all, { arguments: ['-c', 'etc/other.mjs'] })).config, all.path('etc/other.mjs'))
  assert.equal(
    (await printed(all, { directory: all.path('app') })).config,
    null,
    'no other directory is searched',
  )
})

const typescript: Readonly<Record<string, string>> = {
  'server.config.ts': `import { defineConfig } from 'tsgun'
import cjs from 'cjs-only'
import { name } from 'esm-only'
import { Level, seconds } from './lib/values.ts'
import data from './lib/data.json'
const seen: string[] = []
function note(_: unknown, context: ClassMethodDecoratorContext) { seen.push(String(context.name)) }
class Parts { @note run(): number { return seconds } }
export default defineConfig(async () => ({
  app: './app.js', bind: '127.0.0.1:0', loglevel: Level.Warn, timeout: new Parts().run(),
  env: { CJS: cjs.name, ESM: name, JSON: data.name, DECORATED: seen.join() },
  post_worker_init() { process.env.HOOK = Level.Warn + data.name },
}))\n`,
  'lib/values.ts': `export enum Level { Warn = 'warn' }\nexport const seconds: number = 12\n`,
  'lib/data.json': '{ "name": "from json" }',
  'node_modules/cjs-only/index.js': 'exports.name = "from cjs"\n',
  'node_modules/esm-only/package.json': '{ "name": "esm-only", "type": "module", "exports": "./index.js" }',
  'node_modules/esm-only/index.js': 'export const name = "from esm"\n',
  'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "resolveJsonModule": true } }',
}

for (const type of ['module', 'commonjs', undefined]) {
  test(
    `a TypeScript config works in a project ${type ? `of type ${type}` : 'without a type'}, in the ` +
      'master and in the workers',
    async (t) => {
      const write = type === 'module' ? 'export default' : 'module.exports ='
      const project = createProject(t, {
        ...typescript,
        'package.json': JSON.stringify({ type }),
        'app.js':
          `${write} (req, res) => { const { CJS, ESM, JSON: json, DECORATED, HOOK } = process.env; ` +
          `res.end([CJS, ESM, json, DECORATED, HOOK].join('|')) }\n`,
      })
      const server = await startServer(project)
      assert.equal((await ask(server.url)).body, 'from cjs|from esm|from json|run|warnfrom json')
      await server.stop()
      assert.equal(server.stderr, '', 'loglevel warn: no line at all, and no warning of Node')
    },
  )
}

test('an ES module as config has top-level await and import.meta', async (t) => {
  const text = `import { readFile } from 'node:fs/promises'
const { name } = JSON.parse(await readFile(new URL('./data.json', import.meta.url), 'utf8')) as { name: string }
export default { proc_name: name, chdir: import.meta.dirname }\n`
  const files = { 'server.config.ts': text, 'data.json': '{ "name": "read" }' }
  const module = createProject(t, files)
  const { settings } = await printed(module)
  assert.deepEqual([settings['proc_name'], settings['chdir']], ['read', module.directory])
  const typeless = createProject(t, { ...files, 'package.json': '{}' })
  assert.equal((await printed(typeless)).settings['proc_name'], 'read')
})

test(
  'the command line overrides TSGUN_CMD_ARGS, then come the file, the environment and the ' + 'defaults',
  async (t) => {
    const project = createProject(t, {
      'server.config.js': `export default { app: './file.js', workers: 2, timeout: 5, bind: ['127.0.0.1:1', '127.0.0.1:2'], env: { A: 'file', B: 'file' },
      initgroups: false, capture_output: false, pidfile: 'file.pid', accesslog: 'access.log', user: null, proc_name: undefined }\n`,
    })
    const plain = await printed(project, { environment: { WEB_CONCURRENCY: '9' } })
    assert.deepEqual([plain.settings['workers'], plain.origins['workers']], [2, 'server.config.js'])
    assert.deepEqual([plain.settings['keepalive'], plain.origins['keepalive']], [2, 'default'])
    assert.deepEqual(
      [plain.settings['proc_name'], plain.origins['proc_name']],
      [null, 'default'],
      'undefined is no value',
    )
    const { settings, origins } = await printed(project, {
      environment: {
        PORT: '7',
        TSGUN_CMD_ARGS: `-w 3 -b '127.0.0.1:3' -e A=args -t 6 --capture-output --name "two words" ./args.js`,
      },
      arguments: [
        '-w',
        '4',
        '-b',
        '127.0.0.1:4',
        '-b',
        '127.0.0.1:5',
        '--pid',
        'null',
        '--capture-output',
        'false',
        '-e',
        'C=',
        './line.js',
      ],
    })
    const line = 'command line'
    assert.deepEqual(
      [settings['app'], origins['app']],
      ['./line.js', line],
      'the argument wins over the app of the file',
    )
    assert.deepEqual([settings['workers'], origins['workers']], [4, line])
    assert.deepEqual(
      [settings['bind'], origins['bind']],
      [['127.0.0.1:4', '127.0.0.1:5'], line],
      'a list replaces a list',
    )
    assert.deepEqual([settings['env'], origins['env']], [{ C: '' }, line], 'pairs replace pairs')
    assert.deepEqual([settings['capture_output'], origins['capture_output']], [false, line])
    assert.deepEqual([settings['pidfile'], origins['pidfile']], [null, line], 'null switches off')
    assert.deepEqual([settings['timeout'], origins['timeout']], [6, 'TSGUN_CMD_ARGS'])
    assert.deepEqual([settings['proc_name'], origins['proc_name']], ['two words', 'TSGUN_CMD_ARGS'])
    assert.deepEqual([settings['accesslog'], origins['accesslog']], ['access.log', 'server.config.js'])
    const bare = await printed(createProject(t), { environment: { PORT: '7', WEB_CONCURRENCY: '9' } })
    assert.deepEqual([bare.settings['bind'], bare.origins['bind']], ['0.0.0.0:7', 'environment'])
    assert.deepEqual([bare.settings['workers'], bare.origins['workers']], [9, 'environment'])
  },
)

test(
  '--print-config shows every setting with its source, masks as octal, and each hook with its ' + 'file',
  async (t) => {
    const project = createProject(t, {
      'server.config.js': `export default { app: './app.js', umask: '022', on_exit() {} }\n`,
      'deploy.js': 'export function on_exit() {}\nexport const helper = 1\n',
    })
    const command = launch(project, { arguments: ['--print-config', '--hooks', './deploy.js'] })
    assert.deepEqual(await command.exit(), { code: 0, signal: null })
    assert.match(command.stdout, new RegExp(`^# ${project.path('server.config.js')}\n`))
    assert.match(command.stdout, /^app +: ?|^app += "\.\/app\.js" {2}\(server\.config\.js\)$/m)
    assert.match(command.stdout, /^umask += 0o022 {2}\(server\.config\.js\)$/m)
    assert.match(command.stdout, /^hooks += \["\.\/deploy\.js"\] {2}\(command line\)$/m)
    const both = `${project.path('server.config.js')}, ${project.path('deploy.js')}`
    assert.ok(command.stdout.replace(/ +/g, ' ').includes(`on_exit = a hook (${both})`), command.stdout)
    const { hooks, settings } = await printed(project)
    assert.deepEqual(hooks, { on_exit: [project.path('server.config.js')] })
    assert.equal(Object.keys(settings).length, command.stdout.trim().split('\n').length - 2)
  },
)

test(
  'all mistakes are reported at once, one line each, with place, name, value, expectation and a ' +
    'similar name',
  async (t) => {
    const project = createProject(t, {
      'server.config.ts': `export default { wrkers: 2, app: './app.ts:', timeout: '5', env: { PORT: 3000 }, daemon: true, initgroups: true,
      on_startng() {}, when_ready: 5, bind: ['127.0.0.1:8000', 'localhost:x'], access_log_format: '%(zz)s', worker_class: 'nope' }\n`,
      'deploy.ts': 'export function pre_frok() {}\nexport function format_price() {}\n',
      'empty.ts': 'export const nothing = 1\n',
    })
    const lines = await refusal(project, {
      arguments: [
        '--keep-alive',
        '-1',
        '--hooks',
        './deploy.ts',
        '--hooks',
        './empty.ts',
        '--hooks',
        './no.ts',
        '--wokers',
        '5',
      ],
      environment: { WEB_CONCURRENCY: 'many', TSGUN_CMD_ARGS: '--no-such -w 0' },
    })
    const expected = [
      /^TSGUN_CMD_ARGS: --no-such: unknown flag; see tsgun --help$/,
      /^command line: --wokers: unknown flag; did you mean --workers\?$/,
      /^server\.config\.ts: wrkers: unknown setting; did you mean "workers"\?$/,
      /^server\.config\.ts: on_startng: unknown setting; did you mean the hook on_starting\?$/,
      /^server\.config\.ts: when_ready: expected a function, because it is a hook; got 5$/,
      /^server\.config\.ts: app: expected "module", "module:export" or "module:factory\(\)"; got "\.\/app\.ts:" \(the export after the colon is missing\)$/,
      /^server\.config\.ts: env\.PORT: expected text; got 3000; write "3000"$/,
      /^server\.config\.ts: bind: expected .*; got \["127.*\] \("localhost:x": a port is a number from 0 to 65535\)$/,
      /^TSGUN_CMD_ARGS: --workers: expected a whole number from 1 to 1024, or "auto"; got 0; write "auto" for one per CPU$/,
      /^server\.config\.ts: worker_class: expected "async", .* or the path of a module; got "nope"$/,
      /^command line: --keep-alive: expected seconds, 0 or more; got -1$/,
      /^server\.config\.ts: timeout: expected seconds, 0 or more; got "5"; write 5$/,
      /^server\.config\.ts: access_log_format: expected .*; got "%\(zz\)s" \(.*unknown atom/,
      /^errorlog: expected a file path or null, because a daemon/,
      /^applog: expected a file path or null, because a daemon/,
      /^server\.config\.ts: initgroups: expected `user` to be set too/,
      /^\/.*\/deploy\.ts: pre_frok: unknown hook; did you mean "pre_fork"\?$/,
      /^\/.*\/empty\.ts: expected exported hooks \(nworkers_changed, /,
      /^command line: --hooks: no file \/.*\/no\.ts \(from "\.\/no\.ts"\)$/,
    ]
    const found = lines.trim().split('\n')
    for (const line of expected)
      assert.equal(found.filter((text) => line.test(text)).length, 1, `${line}\n${lines}`)
    assert.equal(found.length, expected.length, lines)
  },
)

test(
  'a config file that cannot be used is refused with the reason and, for code, with file and ' + 'line',
  async (t) => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [
        'server.config.ts',
        'export default {\n  workers: 2,,\n}\n',
        /^server\.config\.ts: \/.*\/server\.config\.ts:2:14: Expected identifier but found ","/,
      ],
      [
        'server.config.mjs',
        '\nsyntax error here\n',
        /^server\.config\.mjs: \/.*\/server\.config\.mjs:2:8: Expected ";" but found "error"\n$/,
      ],
      [
        'server.config.cjs',
        '\nsyntax error here\n',
        /^server\.config\.cjs: \/.*\/server\.config\.cjs:2:8: Expected ";" but found "error"\n$/,
      ],
      [
        'server.config.ts',
        '\nthrow new Error("boom")\nexport default {}\n',
        /^server\.config\.ts: boom \(\/.*\/server\.config\.ts:2:7\)\n$/,
      ],
      ['server.config.ts', 'throw "a text"\n', /^server\.config\.ts: it threw a text\n$/],
      [
        'server.config.ts',
        'export default async () => {\n  throw new Error("late") }\n',
        /^server\.config\.ts: late \(\/.*\/server\.config\.ts:2:9\)\n$/,
      ],
      [
        'server.config.ts',
        'export const app = 1\n',
        /^server\.config\.ts: expected the default export to be an object .*; got undefined\n$/,
      ],
      [
        'server.config.cts',
        'export const app = 1\n',
        /^server\.config\.cts: expected the default export to be an object .*; got undefined\n$/,
      ],
      [
        'server.config.js',
        'export default 5\n',
        /^server\.config\.js: expected the default export to be an object .*; got 5\n$/,
      ],
      [
        'server.config.ts',
        'import x from "./no.ts"\nexport default x\n',
        /^server\.config\.ts: Cannot find module '\/.*\/no\.ts' imported from \/.*\/server\.config\.ts\n$/,
      ],
      [
        'server.config.cts',
        'import x = require("no-package")\nexport = x\n',
        /^server\.config\.cts: \/.*\/server\.config\.cts:1 imports "no-package", which is not installed; npm install no-package\n$/,
      ],
      [
        'server.config.ts',
        'import { readFileSync } from "node:fs"\nexport default { user: readFileSync("/no/file", "utf8") }\n',
        /^server\.config\.ts: no such file: \/no\/file \(\/.*\/server\.config\.ts:2:24\)\n$/,
      ],
      ['server.config.json', '{ "workers": 2,, }', /^server\.config\.json: .*in JSON at position 15/],
      ['server.config.yaml', 'workers: [2\nbind: :', /^server\.config\.yaml: .*\(2:1\)/],
      [
        'server.config.yaml',
        '- a\n- b\n',
        /^server\.config\.yaml: it is a list \(PM2's apps\?\); expected one object of settings: .*\n$/,
      ],
      [
        'package.json',
        '{ "type": "module", "tsgun": [] }',
        /^package\.json: it is a list \(PM2's apps\?\); expected one object of settings: .*\n$/,
      ],
      ['package.json', '{ "type": }', /^package\.json: .*JSON/],
    ]
    for (let at = 0; at < cases.length; at += 6) {
      const some = cases.slice(at, at + 6)
      await Promise.all(
        some.map(async ([file, text, reason]) => {
          // for which libraries colour their output, also into a file
          const environment = { CI: 'true', FORCE_COLOR: '1' }
          assert.match(await refusal(createProject(t, { [file]: text }), { environment }), reason, text)
        }),
      )
    }
  },
)

test('a BOM in a config of JSON or YAML, and in package.json, is no part of the text', async (t) => {
  const files = ['server.config.json', 'server.config.yaml', 'package.json'] as const
  await Promise.all(
    files.map(async (file) => {
      const { settings } = await printed(createProject(t, { [file]: `\uFEFF${places[file] ?? ''}` }))
      assert.equal(settings['proc_name'], 'found', file)
    }),
  )
  const manifest = '\uFEFF{ "type": "module" }'
  const project = createProject(t, { 'package.json': manifest, 'server.config.js': esm })
  assert.equal((await printed(project)).config, project.path('server.config.js'))
})

test('a missing file that the config reads is named, also if the stack has no line of the user', async (t) => {
  const text =
    "import { readFile } from 'node:fs/promises'\nexport default { user: await readFile('/no/file') }\n"
  const silent = "await import('node:fs/promises').then((fs) => fs.readFile('/no/file'))\nexport default {}\n"
  for (const config of [text, silent])
    assert.match(
      await refusal(createProject(t, { 'server.config.js': config })),
      /^server\.config\.js: no such file: \/no\/file/,
    )
})

test('an error without a message still says what it is', async (t) => {
  const failing = (code: string): Project =>
    createProject(t, { 'server.config.js': `${code}\nexport default {}\n` })
  assert.match(
    await refusal(failing("throw new TypeError('')")),
    /^server\.config\.js: TypeError without a message \(\/.*server\.config\.js:1:7\)\n$/,
  )
  assert.match(await refusal(failing("throw ''")), /^server\.config\.js: it threw an empty text\n$/)
})

test('-c with a file that does not exist, or of an unknown kind, is an error', async (t) => {
  const project = createProject(t, { 'config.toml': '' })
  const told = await Promise.all(
    ['no.ts', 'config.toml', 'tmp'].map((file) => refusal(project, { arguments: ['-c', file] })),
  )
  assert.equal(told[0], 'no.ts: no such file\n')
  assert.match(told[1] ?? '', /^config\.toml: expected a file name that ends in \.ts, .*\.yaml, \.yml\n$/)
  assert.match(told[2] ?? '', /^tmp: expected a file name that ends in/)
})

test(
  'the start is refused without an app, with two, with a flag that lacks its value and with an ' +
    'unclosed quote',
  async (t) => {
    const project = createProject(t)
    const [none, two, lacking, quote, twice] = await Promise.all([
      refusal(project),
      refusal(project, { arguments: ['./a.js', './b.js'] }),
      refusal(project, { arguments: ['./a.js', '-w'] }),
      refusal(project, { arguments: ['./a.js'], environment: { TSGUN_CMD_ARGS: `--name 'shop` } }),
      refusal(project, { arguments: ['-b', ':8000', '-b', '0.0.0.0', './a.js'] }),
    ])
    assert.match(
      none,
      /^no config file in .* \(server\.config\.ts, …\) and no app given: run "tsgun \.\/app\.ts", or write .*\n$/,
    )
    assert.equal(two, 'command line: ./b.js: expected one app; got "./a.js" too\n')
    assert.match(lacking, /^command line: option '-w, --workers <number>' argument missing\n$/)
    assert.equal(quote, 'TSGUN_CMD_ARGS: unclosed quote\n')
    assert.equal(twice, 'command line: --bind: expected each address once; got "0.0.0.0:8000" twice\n')
  },
)

test(
  '--check-config exits 0 when config and app are right, with what the app prints, and serves ' + 'nothing',
  async (t) => {
    const project = createProject(t, {
      'app.ts':
        `console.log('the app prints'); console.error('and complains')\nexport const startup = () => { ` +
        `throw new Error('not called') }\nexport default (req: unknown, res: { end(): void }) => res.end()\n`,
      'server.config.ts':
        `export default { bind: 'unix:web.sock', pidfile: 'server.pid', daemon: true, ` +
        'errorlog: ' +
        `'error.log', applog: 'app.log' }\n`,
    })
    const command = launch(project, { arguments: ['--check-config', './app.ts'] })
    assert.deepEqual(await command.exit(), { code: 0, signal: null }, command.report())
    assert.equal(
      command.stdout,
      `the app prints\nthe config is right (${project.path('server.config.ts')}), and the app loads\n`,
    )
    assert.equal(command.stderr, 'and complains\n')
  },
)

test('--check-config loads a program that listens on an address of bind', async (t) => {
  const project = createProject(t, {
    'app.js': "import http from 'node:http'\nhttp.createServer(() => undefined).listen(18_437)\n",
  })
  const command = launch(project, { arguments: ['--check-config', '-b', ':18437', './app.js'] })
  assert.deepEqual(await command.exit(), { code: 0, signal: null }, command.report())
})

test(
  '--check-config exits 1 with the reason: a missing module, an app that throws, no app, an exit or a ' +
    'hang at load',
  async (t) => {
    const project = createProject(t, {
      'throws.ts':
        'interface A { a: string }\nconst a: A | undefined = undefined\nif (!a) throw new ' +
        `Error('no ` +
        `database here')\n`,
      'none.js': 'export const application = 5\n',
      'exits.js': 'process.exit(0)\n',
      'hangs.js': 'setInterval(() => {}, 1000)\nawait new Promise(() => {})\n',
      'imports.js': `import './no-such-file.js'\n`,
    })
    const cases: readonly (readonly [string, RegExp])[] = [
      ['./missing.ts', /^command line: app: cannot find module "\.\/missing\.ts": tried /],
      [
        './throws.ts',
        new RegExp(`^app \\./throws\\.ts: [^]*no database here[^]*${project.path('throws.ts')}:3:`),
      ],
      ['./none.js', /^app \.\/none\.js: [^\n]*application[^\n]*\n$/],
      ['./exits.js', /^app \.\/exits\.js: its process exited with code 0 while the app was loaded\n$/],
      ['./hangs.js', /^app \.\/hangs\.js: it was not loaded within boot_timeout, 1\.5 s\n$/],
      ['./imports.js', /^app \.\/imports\.js: [^]*no-such-file\.js/],
    ]
    await Promise.all(
      cases.map(async ([app, reason]) => {
        const limit = app === './hangs.js' ? ['--boot-timeout', '1.5'] : []
        const command = launch(project, { arguments: ['--check-config', '-b', '127.0.0.1:0', ...limit, app] })
        assert.deepEqual(await command.exit(), { code: 1, signal: null }, command.report())
        assert.equal(command.stdout, '')
        assert.match(command.stderr, reason)
      }),
    )
  },
)
