// The service as the real systemd sees it: start, reload, watchdog, socket activation, stop. systemd runs as
// PID 1 of its own namespaces.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { bootSystemd, noSystemd, type Systemd } from '../helpers/systemd.ts'
import { createProject, nodeBinary, repository, type Project } from '../helpers/tsgun.ts'

const skip = noSystemd

/** Serves when the file `go` exists. */
const waitingApp = `import { existsSync } from 'node:fs'
export default { fetch: () => new Response('version 1'), async startup() {
  while (!existsSync('go')) await new Promise((wake) => setTimeout(wake, 20))
} }
`

function unit({ directory }: Project, text = ''): string {
  return `[Unit]
DefaultDependencies=no
StartLimitIntervalSec=0
[Service]
Type=notify
NotifyAccess=main
WorkingDirectory=${directory}
Environment=TMPDIR=${directory}/tmp
ExecStart=${nodeBinary} ${join(repository, 'bin/tsgun.js')}
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
TimeoutStartSec=90
TimeoutStopSec=90
StandardOutput=append:${directory}/out.log
StandardError=append:${directory}/out.log
${text}
`
}

function createService(t: Parameters<typeof createProject>[0], settings: object): Project {
  const config = { app: './app.js', bind: 'unix:http.sock', workers: 2, ...settings }
  return createProject(t, {
    'app.js': waitingApp,
    'server.config.js': `export default ${JSON.stringify(config)}\n`,
  })
}

const isServing = ({ ActiveState }: { readonly ActiveState: string }): boolean => ActiveState === 'active'

async function stopAndLookBack(systemd: Systemd, project: Project): Promise<void> {
  await systemd.systemctl('stop', 'shop.service')
  const { ActiveState, Result, MainPID } = await systemd.state('shop.service')
  assert.deepEqual(
    { ActiveState, Result, MainPID },
    { ActiveState: 'inactive', Result: 'success', MainPID: '0' },
  )
  assert.equal(existsSync(project.path('http.sock')), false)
  assert.match(project.read('out.log'), /stopping \(graceful\)[^]* stopped/)
}

test(
  'the unit is started when the workers serve, reloading until the new ones do, and stops',
  { skip },
  async (t) => {
    const project = createService(t, {})
    const systemd = await bootSystemd(project, { 'shop.service': unit(project) })
    const started = systemd.start('shop.service')
    await systemd.until('shop.service', 'the master to say that it starts', ({ StatusText }) =>
      StatusText.startsWith('starting'),
    )
    assert.equal((await systemd.state('shop.service')).ActiveState, 'activating')
    project.write('go', '')
    await started
    assert.match((await systemd.state('shop.service')).StatusText, /^generation 1: 2 of 2 workers ready/)
    assert.match(
      await systemd.systemctl('status', 'shop.service'),
      /Active: active \(running\)[^]*Status: "generation 1: 2 of 2 workers/,
    )

    const isReloading = ({ ActiveState, SubState }: { ActiveState: string; SubState: string }): boolean =>
      ActiveState === 'reloading' && SubState === 'reload'
    await systemd.run('rm', project.path('go'))
    await systemd.systemctl('reload', '--no-block', 'shop.service')
    await systemd.until(
      'shop.service',
      'the reload to last',
      (state) => isReloading(state) && /^reloading/.test(state.StatusText),
    )
    assert.equal((await ask(`unix:${project.path('http.sock')}`)).body, 'version 1')
    project.write('go', '')
    await systemd.until(
      'shop.service',
      'generation 2',
      (state) => isServing(state) && /^generation 2: 2 of 2/.test(state.StatusText),
    )

    project.write('app.js', "throw new Error('no such database')")
    await systemd.systemctl('reload', 'shop.service')
    const failed = await systemd.until('shop.service', 'the reload to fail', ({ StatusText }) =>
      /no such database/.test(StatusText),
    )
    assert.match(failed.StatusText, /^generation 2: .*the last reload failed/)
    await systemd.until('shop.service', 'the unit to be active', isServing)
    assert.equal((await ask(`unix:${project.path('http.sock')}`)).body, 'version 1')
    assert.doesNotMatch(await systemd.journal(), /Got notification message from PID \d+, but reception/)
    await stopAndLookBack(systemd, project)
  },
)

test('systemd restarts a master that is stuck', { skip }, async (t) => {
  const project = createService(t, {})
  project.write('go', '')
  const watched = unit(project, 'WatchdogSec=5\nRestart=on-watchdog\nRestartSec=0')
  const systemd = await bootSystemd(project, { 'shop.service': watched })
  await systemd.start('shop.service')
  const { MainPID } = await systemd.state('shop.service')
  await systemd.run('kill', '-STOP', MainPID)
  await systemd.until(
    'shop.service',
    'the restart',
    (state) => state.NRestarts !== '0' && isServing(state) && state.MainPID !== MainPID,
  )
  assert.match(await systemd.journal('--unit=shop.service'), /Watchdog timeout/)
  assert.equal((await ask(`unix:${project.path('http.sock')}`)).body, 'version 1')
})

test(
  'a connection to the socket unit waits until the first start of the service serves it',
  { skip },
  async (t) => {
    const project = createService(t, { bind: 'fd://3' })
    const socket = `[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=${project.path('waiting.sock')}\n`
    const systemd = await bootSystemd(project, { 'shop.service': unit(project), 'shop.socket': socket })
    await systemd.start('shop.socket')
    assert.equal((await systemd.state('shop.service')).ActiveState, 'inactive')
    const answer = ask(`unix:${project.path('waiting.sock')}`)
    await systemd.until('shop.service', 'the start', ({ ActiveState }) => ActiveState === 'activating')
    project.write('go', '')
    assert.equal((await answer).body, 'version 1')
    await systemd.systemctl('stop', 'shop.service')
    const after = ask(`unix:${project.path('waiting.sock')}`) // the socket is systemd's, and still exists
    assert.equal((await after).body, 'version 1')
  },
)

test(
  'after an upgrade the new master is the main process of the unit, which stays active',
  { skip },
  async (t) => {
    const project = createService(t, {})
    project.write('go', '')
    const systemd = await bootSystemd(project, { 'shop.service': unit(project) })
    await systemd.start('shop.service')
    const { MainPID } = await systemd.state('shop.service')
    await systemd.run('kill', '-USR2', MainPID)
    await systemd.untilFile(project.path('out.log'), /new master .* serves/)
    await systemd.run('kill', '-TERM', MainPID)
    const after = await systemd.until(
      'shop.service',
      'the new main process',
      (state) => state.MainPID !== MainPID,
    )
    assert.equal(after.ActiveState, 'active')
    assert.equal((await ask(`unix:${project.path('http.sock')}`)).body, 'version 1')
    // until then it is a child of the old one, whose end systemd does not see
    await systemd.untilFile(project.path('out.log'), /upgrade done/)
    await systemd.until('shop.service', 'the new master to speak', ({ StatusText }) =>
      /^generation/.test(StatusText),
    )
    await stopAndLookBack(systemd, project)
  },
)
