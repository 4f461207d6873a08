// Runs in the arbiter, only with preload(): the memory of a generation, which the arbiter makes empty, the
// process of preload() fills, and every other process of the generation maps. The arbiter holds it open for
// processes that start later.

import { chownSync, closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { workerDescriptors } from '../../ipc/environment.ts'
import { messageOf } from '../../os/error-message.ts'
import type { Identity } from '../../os/process/identity.ts'
import type { SharedMemoryCalls } from '../../os/system/shared-memory.ts'
import type { PreloadResult, PreloadTask, SharedManifest } from '../../sharing/manifest.ts'
import type { SharedOfGeneration } from '../model/generation.ts'
import { makeDirectory, type GenerationDirectory, type LockCalls } from './directories.ts'

/** How many files ctx.file() can make: descriptors that are open until preload() is done. */
export const mostFiles = 32

/** A file that is open here, and its path in the processes that inherit it. */
interface OpenFile {
  readonly fd: number
  readonly path: string
}

export interface MemoryFacts {
  readonly number: number
  readonly identity: Identity
  readonly module: string
  readonly isNamed: boolean
}

export interface MemorySystem {
  readonly native: LockCalls
  readonly memory: Pick<SharedMemoryCalls, 'create'> | Error
}

export class GenerationMemory {
  readonly #facts: MemoryFacts
  readonly #directory: GenerationDirectory
  readonly #files: readonly OpenFile[]
  /** Why each process gets a copy; undefined when they share. */
  readonly copies: string | undefined

  constructor(facts: MemoryFacts, { native, memory }: MemorySystem) {
    this.#facts = facts
    this.#directory = makeDirectory(facts.identity, native)
    const made = memory instanceof Error ? memory.message : tryMemory(facts.number, memory)
    this.copies = typeof made === 'string' ? made : undefined
    this.#files = typeof made === 'string' ? this.#makeCopies() : made
  }

  /** What the process of preload() inherits. */
  get descriptors(): readonly number[] {
    return this.#files.map(({ fd }) => fd)
  }

  get task(): PreloadTask {
    const { module, isNamed } = this.#facts
    const files = this.#files.slice(1).map(({ path }, nr) => ({ fd: inheritedAs(nr + 1), path }))
    return { module, isNamed, by: this.#by, data: inheritedAs(0), files, directory: this.#directory.files }
  }

  /** Closes what was not used. */
  keep({ data, files }: PreloadResult): SharedOfGeneration {
    const used = this.#files.slice(0, files.length + 1)
    for (const { fd } of this.#files.slice(used.length)) closeSync(fd)
    const { lock } = this.#directory
    const descriptors = [...used.map(({ fd }) => fd), ...(lock === undefined ? [] : [lock])]
    const manifest: SharedManifest = {
      module: this.#facts.module,
      by: this.#by,
      inherited: descriptors.map((_, nr) => inheritedAs(nr)),
      data: { ...data, fd: inheritedAs(0) },
      files: files.map((size, nr) => ({ fd: inheritedAs(nr + 1), path: used[nr + 1]?.path ?? '', size })),
    }
    return { manifest, descriptors, release: () => this.#release(used) }
  }

  /** preload() has failed, or the config has no preload(). */
  discard(): void {
    this.#release(this.#files)
  }

  get #by(): SharedManifest['by'] {
    return this.copies === undefined ? 'mapped' : 'copied'
  }

  #release(files: readonly OpenFile[]): void {
    for (const { fd } of files) closeSync(fd)
    this.#directory.remove()
  }

  #makeCopies(): readonly OpenFile[] {
    const { uid, gid } = this.#facts.identity
    return Array.from({ length: mostFiles + 1 }, (_, nr) => {
      const path = join(this.#directory.copies, nr === 0 ? 'value' : `file-${nr}`)
      const fd = openSync(path, 'wx+', 0o600)
      if (uid !== undefined) chownSync(path, uid, gid ?? -1)
      return { fd, path }
    })
  }
}

function inheritedAs(nr: number): number {
  return workerDescriptors.firstInherited + nr
}

/** Returns the reason when this kernel, or a filter of system calls, does not allow it. */
function tryMemory(
  number: number,
  { create }: Pick<SharedMemoryCalls, 'create'>,
): readonly OpenFile[] | string {
  const made: OpenFile[] = []
  try {
    for (let nr = 0; nr <= mostFiles; nr += 1)
      made.push({ fd: create(`tsgun-generation-${number}`), path: `/proc/self/fd/${inheritedAs(nr)}` })
    return made
  } catch (error) {
    for (const { fd } of made) closeSync(fd)
    return messageOf(error)
  }
}
