// `tsgun build`: the folder and the executable file that it makes serve with nothing else of the machine.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { build, buildProject, expectCommands, expectServes, place, startBuilt } from '../helpers/built.ts'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer, type Launched, type Project } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const skip = process.platform === 'linux' ? false : 'executables are made on Linux only'

const include = ['--include', 'pages']

test('an executable serves, with its commands, and is upgraded to a newer file', { skip }, async (t) => {
  const project = buildProject(t)
  const { stdout, stderr } = await build(project, ['--outfile', 'shop', ...include])
  assert.match(stdout, /copied as packages: koffi[^]*shop is made/)
  assert.match(stderr, /not bundled: \S*express\/lib\/view\.js:\d+: .*require.*\n.*--external express/)
  assert.doesNotMatch(stderr, /app\.ts/)
  const executable = place(project, 'shop')
  const launched = await startBuilt(project, executable)
  const url = await expectServes(launched, project.path('target'))
  await expectCommands(project, executable, launched)
  // its watchdog interrupts JavaScript, and a new worker serves
  void ask(url, '/stuck').catch(() => undefined)
  await launched.says(/worker 0 .*is stuck[^]*app\/app\.ts:\d+/)
  await launched.says(/worker 0 \(pid \d+\) is ready/, 2)
  renameSync(project.path('shop'), executable)
  launched.signal('SIGUSR2')
  await launched.says(/the new master \d+ serves/)
  const next = Number(/the new master (\d+) serves/.exec(launched.stderr)?.[1])
  launched.signal('SIGTERM')
  await launched.says(/upgrade done/)
  assert.equal((await ask(url)).status, 200)
  process.kill(next, 'SIGTERM')
  await eventually('the second master to end', () => (existsSync(`/proc/${next}/cwd`) ? undefined : true))
  await refusesOtherFiles(project, executable)
})

/** Where another user could have written, and where nothing can be written. */
async function refusesOtherFiles(project: Project, executable: string): Promise<void> {
  const versionIn = async (directory: string): Promise<Launched> => {
    const environment = { TSGUN_UNPACK_DIR: directory }
    const launched = launch(project, { program: executable, arguments: ['--version'], environment })
    assert.deepEqual(await launched.exit(), { code: 1, signal: null }, launched.report())
    return launched
  }
  const [name = '', ...others] = readdirSync(project.path('unpacked'))
  assert.deepEqual(others, [])
  mkdirSync(project.path('elsewhere'))
  rmSync(project.path(`unpacked/${name}`), { recursive: true })
  symlinkSync(project.path('elsewhere'), project.path(`unpacked/${name}`))
  const refused = await versionIn(project.path('unpacked'))
  assert.match(refused.stderr, /set TSGUN_UNPACK_DIR[^]*not a directory that only this user can write/)
  const nowhere = await versionIn('/proc/none')
  assert.match(nowhere.stderr, /cannot be unpacked; set TSGUN_UNPACK_DIR[^]*\/proc\/none\/tsgun-shop/)
}

test('a folder serves under node, without the sources and packages of the project', async (t) => {
  const project = buildProject(t)
  await build(project, ['--outdir', 'dist', '--no-check', ...include])
  for (const file of readdirSync(project.directory))
    if (file !== 'dist' && file !== 'tmp') rmSync(project.path(file), { recursive: true, force: true })
  const server = await startServer(project, { bin: project.path('dist'), environment: { PATH: '' } })
  await expectServes(server, project.path('dist'))
  await server.stop()
})

test('a project of CommonJS keeps the exports of its modules', async (t) => {
  const project = createProject(t, {
    'package.json': '{}',
    'app.js': 'exports.site = (req, res) => res.end(String(require.main === module))\n',
    'all.js': "module.exports = require('./hooks.js')\n",
    'hooks.js': "exports.post_fork = () => console.log('a hook in CommonJS')\n",
    'server.config.cjs':
      "module.exports = { app: './app.js:site', hooks: './all.js', bind: '127.0.0.1:0', workers: 1 }\n",
  })
  await build(project, ['--outdir', 'dist', '--no-check'])
  const server = await startServer(project, { bin: project.path('dist') })
  assert.equal((await ask(server.url)).body, 'true')
  await server.says(/a hook in CommonJS/)
  await server.stop()
})

test('what would break at run time fails the build, with its reason and place', async (t) => {
  const project = createProject(t, {
    'app.js': "import { gone } from './gone.js'\nimport 'absent'\nexport default gone\n",
    'server.config.js': "export default { app: './app.js' }\n",
    'late.js': "const name = './part.js'\nexport default (await import(name)).default\n",
    'part.js': 'export default (req, res) => res.end()\n',
    'late.config.json': '{ "app": "./late.js", "bind": "127.0.0.1:0" }',
    'full/file': '',
  })
  const failing = async (...words: string[]): Promise<string> => {
    const launched = launch(project, { arguments: ['build', ...words] })
    assert.deepEqual(await launched.exit(), { code: 1, signal: null }, launched.report())
    return launched.stderr
  }
  const late = ['-c', 'late.config.json', '--outdir']
  const [missing, wrong, full, nothing, outside, directory] = await Promise.all([
    failing('--outdir', 'broken'),
    failing(...late, 'dist'),
    failing(...late, 'full'),
    failing(),
    failing(...late, 'outside', '--include', '../secret'),
    failing('--outfile', 'full'),
  ])
  assert.match(missing, /app\.js:1: Could not resolve "\.\/gone\.js"/)
  assert.match(missing, /app\.js:2: Could not resolve "absent"; install the package absent/)
  assert.match(wrong, /not bundled: late\.js:2: .*import.*\n +its module is chosen at run time/)
  assert.match(wrong, /what was made does not run: .*part\.js/s)
  assert.match(full, /full has files of something else/)
  assert.match(nothing, /either --outfile FILE or --outdir DIRECTORY/)
  assert.match(outside, /expected a path below/)
  assert.match(directory, /full is a directory; name a file/)
  assert.ok(!readdirSync(project.directory).some((file) => /dist|broken|outside/.test(file)))
  // with the module that it imports by name
  const words = ['build', ...late, 'dist', '--include', 'part.js']
  assert.equal((await launch(project, { arguments: words }).exit()).code, 0)
  assert.equal(readFileSync(project.path('dist/app/part.js'), 'utf8'), project.read('part.js'))
})
