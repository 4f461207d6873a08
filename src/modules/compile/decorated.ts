// Arbiter. Compiles files that need decorator metadata, each once, while a whole app is compiled.
import { createKindReader } from '../files/kind.ts'
import { isLocal } from '../files/paths.ts'
import type { TsconfigReader } from '../files/tsconfig.ts'
import { createMetadataCompiler } from '../metadata/client.ts'
import { mayNeedMetadata, metadataTask } from '../metadata/needs-metadata.ts'
import type { Compiled, Task } from '../metadata/protocol.ts'
import type { ThreadSource } from '../metadata/thread-source.ts'
import type { MetadataSource } from './plugins.ts'

export interface Decorated extends MetadataSource {
  /** Whether files beside the entry may need metadata. */
  readonly isLikely: (entry: string) => boolean
  readonly end: () => void
}

/** Creates a source of compiled files. It starts its thread at the first one. */
export function createDecorated(tsconfig: TsconfigReader, threads: ThreadSource): Decorated {
  const kindOf = createKindReader()
  const compiler = createMetadataCompiler(threads)
  const results = new Map<string, Promise<Compiled>>()
  return {
    isLikely: (entry) => mayNeedMetadata(entry, tsconfig),
    taskOf: (path) => (isLocal(path) ? metadataTask(path, tsconfig, kindOf) : undefined),
    compile(task: Task) {
      const result = results.get(task.path) ?? compiler.compile(task)
      results.set(task.path, result)
      return result
    },
    end: () => compiler.end(),
  }
}
