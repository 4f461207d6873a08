// Errors that no framework can catch: of timers, of events and of promises that are not awaited. One server
// for all of them.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ask, cutOff } from '../helpers/http.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

/** The line numbers are those of the faults, from 5 on. */
const app = `import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
interface Fault { (): void }
const faults: Record<string, Fault> = {
  '/timer': () => void setTimeout(() => { throw new Error('from a timer') }, 1),
  '/rejection': () => void Promise.reject(new Error('nobody waits')),
  '/event': () => void setImmediate(() => new EventEmitter().emit('error', new Error('nobody listens'))),
  '/tick': () => process.nextTick(() => { throw new TypeError('in a tick') }),
  '/text': () => void setTimeout(() => { throw 'only a text' }, 1),
  '/exit': () => process.exit(7),
}
export default (request: IncomingMessage, response: ServerResponse) => {
  const fault = faults[request.url ?? '']
  return fault ? fault() : response.end('well')
}
`

const faults = [
  [
    'timer',
    /\[FATAL\] \[worker \d\] an uncaught exception ends this worker: from a timer[^\n]*\n {4}Error: from a timer\n.*app\.ts:5:/,
  ],
  [
    'rejection',
    /\[FATAL\] \[worker \d\] an unhandled rejection ends this worker: nobody waits[^\n]*\n {4}Error: nobody waits\n.*app\.ts:6:/,
  ],
  [
    'event',
    /an uncaught exception ends this worker: nobody listens[^\n]*\n {4}Error: nobody listens\n.*app\.ts:7:/,
  ],
  ['tick', /an uncaught exception ends this worker: in a tick[^\n]*\n {4}TypeError: in a tick\n.*app\.ts:8:/],
  ['text', /an uncaught exception ends this worker: only a text/],
] as const

describe('an error that no framework catches', () => {
  const cleaning: (() => Promise<void>)[] = []
  const project = createProject({ after: (step) => void cleaning.push(step) }, { 'app.ts': app })
  const running: RunningServer[] = []
  const server = (): RunningServer => running[0] ?? assert.fail('the server has started')
  before(async () => {
    // Enough slots that the delay after quick deaths in one of them delays no other.
    running.push(
      await startServer(project, {
        arguments: ['-w', '4', '-b', '127.0.0.1:0', '--app-logfile', 'app.log', './app.ts'],
      }),
    )
  })
  after(async () => {
    await running[0]?.stop()
    for (const step of cleaning) await step()
  })

  for (const [index, [route, report]] of faults.entries()) {
    test(
      `of the kind "${route}" ends its worker, is reported in the error log, and the worker is ` + 'replaced',
      async () => {
        await assert.rejects(ask(server().url, `/${route}`), cutOff)
        await server().says(report)
        await server().says(/worker \d \(pid \d+\) died: it exited with code 1/, index + 1)
        await server().says(/is ready after/, 4 + index + 1)
        assert.equal((await ask(server().url)).body, 'well')
        assert.equal(server().hasExited, false)
      },
    )
  }

  test('and a process.exit() in a request is logged with its exit code by the master', async () => {
    await assert.rejects(ask(server().url, '/exit'), cutOff)
    await server().says(/worker \d \(pid \d+\) died: it exited with code 7/)
    assert.equal((await ask(server().url)).body, 'well')
  })
})
