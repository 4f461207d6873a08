// How this process was started, so that it can be started again; and which program that means later.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ownPackage } from '../../../../src/os/own-code.ts'
import { commandOf, nextArbiter } from '../../../../src/arbiter/upgrade/command-line.ts'

function folder(t: TestContext): string {
  const made = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-command-'))
  t.after(() => rmSync(made, { recursive: true }))
  return made
}

test('the words and paths stay as they were written, and what is for one process is left out', (t) => {
  const base = folder(t)
  mkdirSync(join(base, 'release-1'))
  symlinkSync(join(base, 'release-1'), join(base, 'current'))
  const physical = join(base, 'release-1')
  const env = {
    PWD: join(base, 'current'),
    HOME: '/root',
    TSGUN_READY_FD: '3',
    TSGUN_UPGRADE: '{}',
    LISTEN_FDS: '1',
  }
  const argv = ['/usr/bin/node', join(physical, 'bin/tsgun.js'), '-w', '2']
  const facts = { argv0: 'node', argv, execArgv: ['--no-warnings'], env, cwd: () => physical }
  assert.deepEqual(commandOf(facts), {
    program: 'node',
    words: ['--no-warnings', join(base, 'current/bin/tsgun.js'), '-w', '2'],
    script: join(base, 'current/bin/tsgun.js'),
    directory: join(base, 'current'),
    environment: { PWD: env.PWD, HOME: '/root' },
  })
  const elsewhere = commandOf({ ...facts, argv: ['node', '/opt/tsgun.js'] })
  assert.deepEqual(elsewhere.words, ['--no-warnings', '/opt/tsgun.js'])
})

test('the program is looked up again, and must be a Node.js that runs tsgun', async (t) => {
  const base = folder(t)
  const environment = { PATH: base }
  const present = { home: ownPackage, directory: '/no/such/release' }
  const script = join(ownPackage, 'bin/tsgun.js')
  const command = { program: 'node', words: [script], script, directory: base, environment }
  const program = (name: string, version: string): string => {
    writeFileSync(join(base, name), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 })
    return join(base, name)
  }
  const missing = await nextArbiter(command, null, present)
  assert.equal(missing.executable, process.execPath, 'a name that PATH no longer has')
  const found = program('node', 'v22.1.0')
  assert.deepEqual(await nextArbiter(command, null, present), { command, executable: found })
  for (const [version, runs] of [
    ['v20.19.0', true],
    ['v21.0.0', true],
    ['v20.18.9', false],
    ['v18.20.0', false],
  ] as const) {
    program('node', version)
    const result = await nextArbiter(command, null, present).then(
      () => true,
      (error: unknown) => String(error),
    )
    assert.equal(result === true, runs, version)
    if (!runs) assert.match(String(result), new RegExp(`is Node.js ${version}; tsgun needs 20.19 or later`))
  }
  const other = program('other', 'v24.0.0')
  assert.equal((await nextArbiter(command, './other', present)).executable, other)
  await assert.rejects(
    () => nextArbiter(command, './nowhere', present),
    /no program \.\/nowhere \(upgrade_exec\)/,
  )
  await assert.rejects(
    () => nextArbiter({ ...command, program: '/no/node' }, null, present),
    /set upgrade_exec/,
  )
  program('node', 'hello')
  await assert.rejects(() => nextArbiter(command, null, present), /cannot be used/)
  const gone = { ...command, directory: join(base, 'gone') }
  await assert.rejects(
    () => nextArbiter(gone, null, present),
    /the directory that this master was started in no longer exists/,
  )
})

test(
  'where the release of the start is an old one or was removed, the present release has the script and ' +
    'the directory',
  async (t) => {
    const base = folder(t)
    const program = join(base, 'node')
    writeFileSync(program, '#!/bin/sh\necho v22.1.0\n', { mode: 0o755 })
    const home = join(base, 'releases/2/node_modules/tsgun')
    const next = async (script: string, directory: string): Promise<readonly string[]> => {
      const command = {
        program,
        words: ['--no-warnings', script, '-w', '2'],
        script,
        directory,
        environment: {},
      }
      const found = await nextArbiter(command, null, { home, directory: base })
      return [found.command.directory, ...found.command.words]
    }
    const present = join(home, 'bin/tsgun.js')
    const rest = ['-w', '2']
    assert.deepEqual(await next(join(base, 'gone/tsgun.js'), '/gone'), [
      base,
      '--no-warnings',
      present,
      ...rest,
    ])
    const own = join(ownPackage, 'bin/tsgun.js')
    assert.deepEqual(await next(own, '/'), ['/', '--no-warnings', present, ...rest])
    const other = join(base, 'node') // what a link leads to now
    assert.deepEqual(await next(other, '/'), ['/', '--no-warnings', other, ...rest])
  },
)
