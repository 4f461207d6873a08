// The commands themselves: help, version, boolean flags, and a Node.js that is too old.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { transformSync } from 'esbuild'
import { sections, type Setting } from '../../src/config/settings/row.ts'
import { settingNames, settings } from '../../src/config/settings/table.ts'
import { cleanEnvironment, createProject, launch, nodeBinary, repository } from '../helpers/tsgun.ts'

test('--help shows every flag under the heading of its section, and --version the version', async (t) => {
  const project = createProject(t)
  const help = launch(project, { arguments: ['--help'] })
  assert.deepEqual(await help.exit(), { code: 0, signal: null })
  const blocks = help.stdout.split(/\n\n(?=\S)/)
  for (const name of settingNames) {
    const { flag, section }: Setting = settings[name]
    if (flag === undefined) continue
    const block = blocks.find((text) => text.startsWith(`${sections[section]}:`))
    assert.ok(block?.includes(flag), `${flag} below ${sections[section]}\n${help.stdout}`)
  }
  for (const flag of ['-c, --config <file>', '--json', '-h, --help', '--version'])
    assert.ok(help.stdout.includes(flag), flag)
  assert.match(help.stdout, /\n\nCommands .*:\n(?: {2}.*\n)* {2}systemd +Print systemd units/)
  const page = /\nDocumentation: (.*)\n$/.exec(help.stdout)?.[1] ?? ''
  assert.ok(existsSync(page), page)
  const version = launch(project, { arguments: ['--version'] })
  assert.deepEqual(await version.exit(), { code: 0, signal: null })
  const { version: expected } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string
  }
  assert.equal(version.stdout, `${expected}\n`)
})

test('a boolean flag can stand before the app', async (t) => {
  const project = createProject(t, { 'app.js': 'export default (req, res) => res.end()\n' })
  const command = launch(project, { arguments: ['--check-config', '-b', '127.0.0.1:0', './app.js'] })
  assert.deepEqual(await command.exit(), { code: 0, signal: null }, command.report())
})

for (const name of ['tsgun', 'tsgunctl']) {
  test(`${name}: a Node.js that is too old gets one line of error, in a syntax that it can parse`, () =>
    tellsOldNode(name))
}

function tellsOldNode(name: string): void {
  const bin = join(repository, `bin/${name}.js`)
  for (const version of ['18.20.4', '20.18.3', '8.17.0']) {
    const fake =
      `Object.defineProperty(process, 'versions', { value: { node: '${version}' } }); ` +
      `Object.defineProperty(process, 'version', { value: 'v${version}' })`
    const old = spawnSync(
      nodeBinary,
      ['--import', `data:text/javascript,${encodeURIComponent(fake)}`, bin, '--version'],
      {
        env: cleanEnvironment(),
        encoding: 'utf8',
      },
    )
    assert.equal(old.status, 1)
    assert.equal(old.stdout, '')
    assert.equal(old.stderr, `${name} needs Node.js 20.19 or later; this is v${version} (${nodeBinary})\n`)
  }
  // ES5 but for import(), which Node has parsed since version 8, also in a file that it takes for CommonJS.
  transformSync(readFileSync(bin, 'utf8'), {
    target: 'es5',
    supported: { 'dynamic-import': true },
    format: 'cjs',
  })
  assert.doesNotMatch(readFileSync(bin, 'utf8'), /^(import|export) |\bawait\b|`|=>/m)
}
