// The units that `tsgun systemd` prints: those of the example, checked by systemd's own tools, and started
// by the real systemd.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Settings } from '../../src/config/settings/table.ts'
import type { UnitFacts } from '../../src/systemd/unit-facts.ts'
import { serviceUnit, socketUnit } from '../../src/systemd/units.ts'
import { ask } from '../helpers/http.ts'
import { bootSystemd, noSystemd } from '../helpers/systemd.ts'
import { createProject, nodeBinary, repository } from '../helpers/tsgun.ts'

const example = join(repository, 'config-examples/systemd')
const bin = join(repository, 'bin/tsgun.js')

/** Of systemd-analyze, from 0 to 10: without any hardening it is 9.6. */
const highestExposure = 3

function factsOf(): UnitFacts {
  const words = [bin, '-c', join(example, 'server.config.ts'), '--print-config', '--json']
  // its own format
  const printed = JSON.parse(execFileSync(nodeBinary, words, { encoding: 'utf8' })) as { settings: Settings }
  return {
    node: '/usr/bin/node',
    bin: '/srv/shop/node_modules/tsgun/bin/tsgun.js',
    words: [],
    directory: '/srv/shop',
    settings: printed.settings,
    isActivated: true,
  }
}

test('the units of the example are those that `tsgun systemd` prints', () => {
  const facts = factsOf()
  assert.equal(readFileSync(join(example, 'shop.service'), 'utf8'), serviceUnit(facts))
  assert.equal(readFileSync(join(example, 'shop.socket'), 'utf8'), socketUnit(facts))
})

const noAnalyze = spawnSync('systemd-analyze', ['--version']).error ? 'systemd is not installed' : false

test('systemd finds no mistake in the units, and little exposure', { skip: noAnalyze }, (t) => {
  const facts = { ...factsOf(), node: nodeBinary }
  const project = createProject(t, {
    'shop.service': serviceUnit(facts),
    'shop.socket': socketUnit(facts) ?? '',
  })
  const files = [project.path('shop.service'), project.path('shop.socket')]
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' })
  // Warnings about the machine's own units do not matter here.
  assert.doesNotMatch(verified.stderr, /shop\.(service|socket)/)
  assert.equal(verified.error, undefined)
  const words = [
    'security',
    '--no-pager',
    '--offline=true',
    `--threshold=${highestExposure * 10}`,
    project.path('shop.service'),
  ]
  const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' })
  assert.equal(status, 0, `${stdout}${stderr}`)
})

const app = `import { log } from 'tsgun'
export default { startup() { log.warn('a warning'); log.info('an information') }, fetch: () => new Response('hello') }
`

test(
  'the printed unit starts with all its restrictions, and the journal has the severity of each line',
  { skip: noSystemd },
  async (t) => {
    const config = "export default { app: './app.js', bind: 'unix:/srv/project/http.sock', workers: 1 }\n"
    const project = createProject(t, { 'app.js': app, 'server.config.js': config })
    const systemd = await bootSystemd(project, {})
    const print = `cd /srv/project && exec ${nodeBinary} ${bin} systemd`
    project.write(
      'units/shop.service',
      await systemd.run('env', '-i', 'PATH=/usr/bin:/bin', 'bash', '-c', print),
    )
    await systemd.systemctl('daemon-reload')
    await systemd.start('shop.service')
    assert.equal((await ask(`unix:${project.path('http.sock')}`)).body, 'hello')
    await systemd.systemctl('stop', 'shop.service')
    const text = await systemd.journal('--unit=shop.service', '--output=json')
    const entries = text.split('\n').filter((line) => line.includes('"_TRANSPORT":"stdout"'))
    const priorityOf = (words: string): string | undefined =>
      entries.flatMap((line) => (line.includes(words) ? [/"PRIORITY":"(\d)"/.exec(line)?.[1]] : []))[0]
    assert.equal(priorityOf('a warning'), '4', text)
    assert.equal(priorityOf('an information'), '6', text)
    assert.equal(priorityOf('the worker is ready'), '6', text)
    assert.doesNotMatch(text, /"MESSAGE":"<\d>/)
  },
)
