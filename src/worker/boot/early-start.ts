// Runs in a worker whose process was started before the config was known. While it waits it loads what most
// workers need; then it gets in messages what another worker inherits. Nothing of the user has run before.

import type { Worker } from 'node:worker_threads'
import type { ArbiterMessage, BootMessage } from '../../ipc/messages.ts'
import { earlyKinds, environmentNames } from '../../ipc/environment.ts'
import { needsHookThread, startHookThread, type HookThread } from '../../modules/hooks/hook-thread.ts'
import { takeDescriptor } from '../../os/system/handles.ts'
import { loadNative, type NativeCalls } from '../../os/system/native.ts'
import { replaceVariables } from '../../os/variables.ts'
import { startWatchdogThread } from '../watchdog/start-thread.ts'

export class EarlyStart {
  readonly #process: Pick<NodeJS.Process, 'env' | 'chdir'>
  readonly #native: NativeCalls | Error
  readonly #descriptors: number[] = []
  /** Waits for its orders. */
  readonly watchdog: Worker
  /** Waits for its session; undefined when the app is not likely to need it. */
  readonly hooks: HookThread | undefined

  /** Throws when this process cannot be prepared; then a worker is started as usual. */
  constructor(process: Pick<NodeJS.Process, 'env' | 'chdir'>) {
    this.#process = process
    this.watchdog = startWatchdogThread()
    this.#native = loadNative()
    const isTypeScript = process.env[environmentNames.early] === earlyKinds.typescript
    this.hooks = isTypeScript && needsHookThread() ? startHookThread() : undefined
  }

  /** Returns false for a message of another kind. Throws when the place or the socket cannot be taken. */
  takes(message: ArbiterMessage, handle: unknown): boolean {
    if (message.type === 'inherit') {
      replaceVariables(this.#process.env, message.environment)
      this.#process.chdir(message.directory)
      return true
    }
    if (message.type !== 'socket') return false
    if (this.#native instanceof Error) throw this.#native
    this.#descriptors.push(takeDescriptor(handle, this.#native))
    return true
  }

  /** The boot message with the descriptors of this process. */
  complete(message: BootMessage): BootMessage {
    const listeners = message.listeners.map((listener, index) => ({
      ...listener,
      fd: this.#descriptors[index] ?? listener.fd,
    }))
    return { ...message, listeners }
  }
}
