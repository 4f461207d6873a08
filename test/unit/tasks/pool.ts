// A pool of a test: queues on real unix sockets, hosts in this process or in child processes, and the calls
// of an app. There is no arbiter.

import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { bindUnix } from '../../../src/os/system/handles.ts'
import { loadNative, type NativeCalls } from '../../../src/os/system/native.ts'
import { AbortWatch } from '../../../src/tasks/client/abort-watch.ts'
import { TaskClient } from '../../../src/tasks/client/client.ts'
import { CallStatistics } from '../../../src/tasks/client/counters.ts'
import type { TasksOptions, TaskTarget } from '../../../src/tasks/client/options.ts'
import { TaskHost, type TaskHostOptions } from '../../../src/tasks/host/host.ts'
import type { AnyDefinition } from '../../../src/tasks/model/definition.ts'
import { backlogOf, queuePath, type Priority } from '../../../src/tasks/model/queues.ts'
import { TaskContext } from '../../../src/tasks/model/task-context.ts'

export const loaded = loadNative()

export function native(): NativeCalls {
  assert.ok(!(loaded instanceof Error))
  return loaded
}

export interface PoolOptions extends Partial<Pick<TaskTarget, 'timeout' | 'attempts' | 'processes'>> {
  readonly maxQueue?: number
  readonly origin?: Partial<TasksOptions>
}

export interface Pool {
  readonly directory: string
  readonly queues: Readonly<Record<Priority, number>>
  readonly client: TaskClient
  readonly statistics: CallStatistics
  /** Warnings of callers and hosts. */
  readonly warnings: string[]
  /** A host in this process. */
  host(definition: AnyDefinition, options?: Partial<TaskHostOptions>): TaskHost
  /** A host in a process of its own, which runs the task of this name in child.ts. */
  child(task: string): Promise<ChildProcess>
  /** Closes the queues, as at the end of a pool. */
  close(): void
}

export function createPool(t: Pick<TestContext, 'after'>, options: PoolOptions = {}): Pool {
  const { maxQueue = 64, timeout = 0, attempts = 1, processes = 1, origin = {} } = options
  const directory = mkdtempSync(join(tmpdir(), 'tasks-'))
  const path = (priority: Priority): string => queuePath(directory, 'job', priority)
  const handles = { high: bindUnix(path('high'), native()), normal: bindUnix(path('normal'), native()) }
  const queues = { high: handles.high.fd, normal: handles.normal.fd }
  for (const fd of Object.values(queues)) native().listen(fd, backlogOf(maxQueue))
  const warnings: string[] = []
  const warn = (...words: readonly unknown[]): void => void warnings.push(String(words.at(-1)))
  const log = (): { warn: typeof warn } => ({ warn })
  const statistics = new CallStatistics()
  const client = new TaskClient(
    {
      name: 'job',
      queue: path,
      timeout,
      attempts,
      maxQueue,
      processes,
      statistics,
      aborts: new AbortWatch(),
      scratch: Buffer.allocUnsafeSlow(65_536),
      isStopping: origin.stopping ?? (() => false),
      logBadFrame: (error) => void warnings.push(String(error)),
    },
    origin,
  )
  const hosts: TaskHost[] = []
  const children: ChildProcess[] = []
  let isClosed = false
  const close = (): void => {
    if (!isClosed) for (const handle of Object.values(handles)) handle.close()
    isClosed = true
  }
  t.after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(hosts.map((host) => host.drain(1000)))
    close()
    rmSync(directory, { recursive: true, force: true })
  })
  return {
    directory,
    queues,
    client,
    statistics,
    warnings,
    close,
    host(definition, more = {}) {
      const host = new TaskHost({
        name: 'job',
        definition,
        model: undefined,
        queues,
        maxQueue,
        timeout,
        native: native(),
        context: new TaskContext(),
        onBegin: () => undefined,
        onEnd: () => undefined,
        log: log as TaskHostOptions['log'],
        ...more,
      })
      hosts.push(host)
      void host.listen()
      return host
    },
    async child(task) {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', join(import.meta.dirname, 'child.ts'), task, String(maxQueue), String(timeout)],
        { stdio: ['ignore', 'inherit', 'inherit', queues.high, queues.normal, 'ipc'] },
      )
      children.push(child)
      await once(child, 'message')
      return child
    },
  }
}

/** How promises have ended: `ok`, or the code or the message of the error, with their counts. */
export async function endsOf(promises: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const result of await Promise.allSettled(promises)) {
    const end = result.status === 'fulfilled' ? 'ok' : nameOf(result.reason)
    counts[end] = (counts[end] ?? 0) + 1
  }
  return counts
}

function nameOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason)
  return 'code' in reason && typeof reason.code === 'string' ? reason.code : reason.message
}

/** A promise that a test settles. */
export function deferred<Value = void>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((settle) => void (resolve = settle))
  return { promise, resolve }
}
