// Runs in the short-lived process of preload(), which starts as a worker does: it loads the module, calls
// preload(), puts what that returns into the memory that all processes of the generation share, and ends.

import { withBootError } from '../../app/boot-error.ts'
import { exitCodes } from '../../ipc/exit-codes.ts'
import type { BootMessage, WorkerMessage } from '../../ipc/messages.ts'
import { checkAccess } from '../../modules/files/store.ts'
import type { ModuleLoader } from '../../modules/loader.ts'
import type { Identity } from '../../os/process/identity.ts'
import { loadSharedMemory } from '../../os/system/shared-memory.ts'
import type { PreloadResult, PreloadTask } from '../../sharing/manifest.ts'
import { pack } from '../../sharing/pack.ts'
import { placeholder } from '../../sharing/placeholder.ts'
import { installSharedLink } from '../../sharing/shared-link.ts'
import { describeBootFailure } from '../boot/failure.ts'
import { loadPreloads } from '../boot/preload.ts'
import type { Watch } from '../watchdog/watch.ts'
import { findPreload } from './find-preload.ts'
import { refuseListen } from './listen-guard.ts'
import { PreloadStore } from './store.ts'

export interface PreloadParts {
  readonly message: BootMessage
  readonly task: PreloadTask
  readonly loader: ModuleLoader
  readonly watch: Pick<Watch, 'enter'>
  readonly takeOnIdentity: (identity: Identity) => void
  readonly send: (message: WorkerMessage) => Promise<void>
  /** Writes all log lines. */
  readonly finish: () => void
  readonly exit: (code: number) => void
}

/** Ends the process, after a message that says how. */
export async function runPreload(parts: PreloadParts): Promise<void> {
  const { send, finish, exit } = parts
  try {
    await send({ type: 'preloaded', result: await prepare(parts) })
    finish()
    exit(exitCodes.ok.code)
  } catch (error) {
    await send({ type: 'boot_failed', failure: 'boot', error: describeBootFailure(error) })
    finish()
    exit(exitCodes.bootFailed.code)
  }
}

async function prepare({
  message,
  task,
  loader,
  watch,
  ...parts
}: PreloadParts): Promise<PreloadResult | null> {
  const { module, isNamed } = task
  installSharedLink(placeholder)
  await loadPreloads({ modules: message.preloads, load: loader.load, directory: process.cwd() })
  parts.takeOnIdentity(message.identity)
  checkAccess(message.codeStore)
  const listens = isNamed ? [] : [refuseListen()]
  watch.enter(`it is still loading ${module}`)
  const load = withBootError(`cannot load ${module} for its preload()`, () => loader.load(module), module)
  const preload = findPreload(await Promise.race([load, ...listens]), module, isNamed)
  if (preload === undefined) return null
  const calls = task.by === 'mapped' ? loadSharedMemory() : undefined
  if (calls instanceof Error) throw calls
  const store = new PreloadStore(task, calls)
  watch.enter(`preload() of ${module} has not returned yet`)
  return withBootError(`preload() of ${module} failed`, async () => {
    const value = await preload({ directory: task.directory, file: (source) => store.add(source) })
    watch.enter(`what preload() of ${module} has returned is copied`)
    const packed = pack(value, (file) => store.numberOf(file))
    store.write(packed)
    return { data: { size: packed.size, table: packed.table }, files: store.sizes }
  })
}
