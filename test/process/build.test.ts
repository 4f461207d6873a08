// `tsgun build`: the folder and the executable file that it makes serve with nothing else of the machine.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { build, buildProject, expectCommands, expectServes, place, startBuilt } from '../helpers/built.ts'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const skip = process.platform === 'linux' ? false : 'executables are made on Linux only'

test('an executable serves, with its commands, and is upgraded to a newer file', { skip }, async (t) => {
  const project = buildProject(t)
  const { stdout, stderr } = await build(project, ['--outfile', 'shop'])
  assert.match(stdout, /copied as packages: koffi[^]*shop is made/)
  assert.match(stderr, /not bundled: \S*express\/lib\/view\.js:\d+: .*require/)
  const executable = place(project, 'shop')
  const launched = await startBuilt(project, executable)
  const url = await expectServes(launched, project.path('target'))
  await expectCommands(project, executable)
  // its watchdog interrupts JavaScript, and a new worker serves
  void ask(url, '/stuck').catch(() => undefined)
  await launched.says(/is stuck/)
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
})

test('a folder serves under node, without the sources and packages of the project', async (t) => {
  const project = buildProject(t)
  await build(project, ['--outdir', 'dist'])
  for (const file of ['app.ts', 'lib', 'crunch.task.ts', 'hooks.ts', 'server.config.ts', 'node_modules'])
    rmSync(project.path(file), { recursive: true, force: true })
  const server = await startServer(project, { bin: project.path('dist'), environment: { PATH: '' } })
  await expectServes(server, project.path('dist'))
  await server.stop()
})

test('what would break at run time fails the build, with its reason and place', async (t) => {
  const project = createProject(t, {
    'app.js': "import { gone } from './gone.js'\nexport default gone\n",
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
  assert.match(await failing('--outdir', 'dist'), /app\.js:1: Could not resolve "\.\/gone\.js"/)
  const late = await failing('-c', 'late.config.json', '--outdir', 'dist')
  assert.match(late, /not bundled: late\.js:2: .*import/)
  assert.match(late, /what was made does not run: .*part\.js/s)
  assert.match(
    await failing('-c', 'late.config.json', '--outdir', 'full'),
    /full has files of something else/,
  )
  assert.match(await failing(), /either --outfile FILE or --outdir DIRECTORY/)
  assert.match(
    await failing('-c', 'late.config.json', '--outdir', 'dist', '--include', '../secret'),
    /expected a path below/,
  )
  // with the module that it imports by name
  const words = ['build', '-c', 'late.config.json', '--outdir', 'dist', '--include', 'part.js']
  assert.equal((await launch(project, { arguments: words }).exit()).code, 0)
  assert.equal(readFileSync(project.path('dist/app/part.js'), 'utf8'), project.read('part.js'))
})

test('an executable does not use files where another user could write', { skip }, async (t) => {
  const project = createProject(t, {
    'app.js': 'export default (req, res) => res.end()\n',
    'server.config.js': "export default { app: './app.js', bind: '127.0.0.1:0', workers: 1 }\n",
    'elsewhere/file': '',
    'target/file': '',
  })
  await build(project, ['--outfile', 'shop', '--no-check'])
  const environment = { TSGUN_UNPACK_DIR: project.path('unpacked') }
  const start = { program: project.path('shop'), arguments: ['--version'], environment }
  const first = launch(project, start)
  assert.deepEqual([await first.exit(), first.stdout.trim() !== ''], [{ code: 0, signal: null }, true])
  const [name = ''] = readdirSync(project.path('unpacked'))
  rmSync(project.path(`unpacked/${name}`), { recursive: true })
  symlinkSync(project.path('elsewhere'), project.path(`unpacked/${name}`))
  const second = launch(project, start)
  assert.equal((await second.exit()).code, 1)
  assert.match(
    second.stderr,
    /cannot be unpacked; set TSGUN_UNPACK_DIR[^]*not a directory that only this user/,
  )
})
