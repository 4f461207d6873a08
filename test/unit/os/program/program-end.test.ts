// When the listeners of a program are done: at a promise, at process.exit, when the event loop is empty, or
// at the time limit.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Server } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { closeWithoutListening } from '../../../../src/os/program/closed-servers.ts'
import { ExitCalls } from '../../../../src/os/program/exit-calls.ts'
import { ProgramEnd, type EndOutcome } from '../../../../src/os/program/program-end.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

class FakeProcess extends EventEmitter {
  readonly pid = 77
  exitCode: number | undefined
  resources: string[] = ['PipeWrap', 'Timeout']
  readonly calls: string[] = []
  exit = (code?: number): void => void this.calls.push(`exit ${code}`)
  kill = (pid: number, signal: string | number = 'SIGTERM'): true => {
    this.calls.push(`kill ${pid} ${signal}`)
    return true
  }
  getActiveResourcesInfo = (): string[] => this.resources
}

function world() {
  const fake = new FakeProcess()
  const process = fake as unknown as NodeJS.Process // what ProgramEnd uses of it
  const clock = new FakeClock()
  const failures: string[] = []
  const exits = new ExitCalls(process)
  const program = new ProgramEnd({
    process,
    exits,
    clock,
    own: () => ['PipeWrap'],
    onFailure: ({ event, error }) => failures.push(`${event}: ${String(error)}`),
  })
  program.begin()
  /** Milliseconds until the end, and how it came. */
  async function run(
    within = 5000,
    signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM',
  ): Promise<EndOutcome & { took: number }> {
    let outcome: EndOutcome | undefined
    const began = clock.now()
    void program.run({ signal, within }).then((value) => (outcome = value))
    for (;;) {
      await turn()
      if (outcome) return { ...outcome, took: clock.now() - began }
      clock.advance(10)
    }
  }
  return { fake, process, clock, failures, exits, program, run }
}

const soon = 20

test('without listeners there is nothing to wait for', async () => {
  const { run } = world()
  assert.deepEqual(await run(), { exitCode: undefined, late: undefined, took: 0 })
})

test('a promise is awaited; then beforeExit runs, once, and what it has begun is awaited too', async () => {
  const { fake, clock, run } = world()
  const got: string[] = []
  fake.on('SIGTERM', async (...parameters: unknown[]) => {
    got.push(parameters.join())
    await new Promise<void>((resolve) => void clock.after(300, resolve))
  })
  fake.on('beforeExit', () => {
    got.push('beforeExit')
    fake.resources = [...fake.resources, 'TCPSocketWrap']
    void clock.after(200, () => (fake.resources = ['PipeWrap', 'Timeout']))
  })
  const { took, late } = await run()
  assert.deepEqual([got, late], [['SIGTERM,15', 'beforeExit'], undefined])
  assert.ok(took >= 500 && took < 700, String(took))
})

test('a listener that has begun something has until the event loop is empty', async () => {
  const { fake, clock, run } = world()
  fake.on('SIGTERM', () => void Promise.resolve())
  void clock.after(400, () => (fake.resources = ['PipeWrap']))
  const { took, late } = await run()
  assert.equal(late, undefined)
  assert.ok(took >= 400 && took < 500, String(took))
})

test('a listener that only sets a flag does not hold up the end', async () => {
  const { fake, run } = world()
  let stopping = false
  fake.on('SIGTERM', () => void (stopping = true))
  assert.ok((await run()).took <= soon)
  assert.ok(stopping)
})

test('at the time limit the outcome names what the event loop has left', async () => {
  const { fake, run } = world()
  fake.resources = ['PipeWrap', 'Timeout', 'TCPSocketWrap', 'TCPSocketWrap']
  fake.on('SIGTERM', () => void Promise.resolve())
  const { late, took } = await run(700)
  assert.deepEqual(late, { event: 'SIGTERM', left: 'Timeout, 2 × TCPSocketWrap' })
  assert.ok(took >= 700 && took < 720, String(took))
})

test('process.exit ends only the listener that calls it: another one may still send', async () => {
  const { fake, process, clock, run } = world()
  let sent = false
  fake.on('SIGTERM', () => process.exit(3))
  fake.on('SIGTERM', async () => {
    await new Promise<void>((resolve) => void clock.after(500, resolve))
    sent = true
  })
  const { exitCode, late, took } = await run()
  assert.deepEqual([exitCode, late, sent, fake.calls], [3, undefined, true, []])
  assert.ok(took >= 500 && took < 600)
})

test('a time limit that a library leaves behind at process.exit is not waited for, a hanging promise 3 s', async () => {
  const { fake, process, run } = world()
  fake.once('SIGTERM', () => {
    fake.resources = [...fake.resources, 'Timeout']
    process.exit(0)
  })
  assert.ok((await run()).took <= soon)
  fake.on('SIGTERM', () => new Promise(() => undefined))
  fake.on('SIGTERM', () => process.exit(0))
  const { took, late } = await run(60_000)
  assert.equal(late, undefined)
  assert.ok(took >= 3000 && took < 3100, String(took))
})

test('the listeners of the other signal run if there are none of the wanted one', async () => {
  for (const [wanted, registered, called] of [
    ['SIGINT', ['SIGTERM'], 'SIGTERM'],
    ['SIGTERM', ['SIGINT'], 'SIGINT'],
    ['SIGINT', ['SIGINT', 'SIGTERM'], 'SIGINT'],
  ] as const) {
    const { fake, run } = world()
    const got: string[] = []
    for (const signal of registered) fake.on(signal, (name: string) => got.push(name))
    await run(5000, wanted)
    assert.deepEqual(got, [called])
  }
})

test('an error of a listener is reported, and the others run', async () => {
  const { fake, failures, run } = world()
  let ran = false
  fake.on('SIGTERM', () => {
    throw new Error('one')
  })
  fake.on('SIGTERM', () => Promise.reject(new Error('two')))
  fake.on('SIGTERM', () => void (ran = true))
  await run()
  assert.deepEqual(failures, ['SIGTERM: Error: one', 'SIGTERM: Error: two'])
  assert.ok(ran)
})

test('a step ends when it settles, and when it calls process.exit; its error is that of the caller', async () => {
  const { program, process, fake } = world()
  await program.step(async () => {
    await turn()
    process.exit(2)
    await new Promise(() => undefined)
  })
  await assert.rejects(
    program.step(() => Promise.reject(new Error('of the app'))),
    /of the app/,
  )
  assert.deepEqual(fake.calls, [])
})

test('a signal to the own process is caught, by name or number, and another process gets its signal', () => {
  const fake = new FakeProcess()
  const process = fake as unknown as NodeJS.Process
  const exits = new ExitCalls(process)
  const got: string[] = []
  exits.catchOwnSignals((signal) => got.push(signal))
  process.kill(77)
  process.kill(77, 'SIGINT')
  process.kill(77, 15)
  process.kill(77, 'SIGUSR2')
  process.kill(77, 0)
  process.kill(78, 'SIGTERM')
  assert.deepEqual(got, ['SIGTERM', 'SIGINT', 'SIGTERM'])
  assert.deepEqual(fake.calls, ['kill 77 SIGUSR2', 'kill 77 0', 'kill 78 SIGTERM'])
  const requests: unknown[] = []
  exits.hold((request) => requests.push(request))
  process.kill(77, 'SIGTERM')
  process.exit()
  exits.release()
  process.exit(5)
  assert.deepEqual(requests, [{ code: undefined }, { code: 0 }])
  assert.deepEqual([got.length, fake.calls.at(-1)], [3, 'exit 5'])
})

test('a server that never listened closes without an error, and any other error stays', () => {
  const prototype = {
    close(this: Server, callback?: (error?: Error) => void): Server {
      callback?.(Object.assign(new Error('of the server'), { code: errors.shift() }))
      return this
    },
  }
  const errors = ['ERR_SERVER_NOT_RUNNING', 'EBADF']
  closeWithoutListening(prototype)
  const got: unknown[] = []
  const close = (): unknown =>
    Reflect.apply(prototype.close, undefined, [(error?: Error) => got.push(error?.message)])
  close()
  close()
  assert.deepEqual(got, [undefined, 'of the server'])
  Reflect.apply(prototype.close, undefined, [])
  assert.equal(errors.length, 0)
})
