// Arbiter and workers, main and hook thread. Which files esbuild cannot compile as the project wants it:
// those with decorators, where tsconfig.json sets `emitDecoratorMetadata`.
import { readFileSync } from 'node:fs'
import type { TsconfigReader } from '../files/tsconfig.ts'
import type { Kind } from '../files/kind.ts'
import type { Task } from './protocol.ts'

/** Returns the task for the project's own compiler; undefined for a file that esbuild compiles. */
export function metadataTask(
  path: string,
  tsconfig: TsconfigReader,
  kindOf: (path: string) => Kind,
): Task | undefined {
  if (!mayNeedMetadata(path, tsconfig)) return undefined
  const options = tsconfig.optionsOf(path)
  if (options.emitDecoratorMetadata !== true || options.experimentalDecorators !== true) return undefined
  const text = readFileSync(path, 'utf8')
  return hasDecorator(text) ? { path, text, kind: kindOf(path), options } : undefined
}

/** Whether a file may need metadata, as far as the text of its tsconfig.json shows. */
export function mayNeedMetadata(path: string, tsconfig: TsconfigReader): boolean {
  return (
    /\.[cm]?tsx?$/.test(path) &&
    /"(?:emitDecoratorMetadata|extends|references)"\s*:/.test(tsconfig.textNear(path))
  )
}

/** Whether a text may have decorators. Lines that are comments as a whole are passed over. */
export function hasDecorator(text: string): boolean {
  return /^(?!\s*(?:\/\/|\*(?!\/|.*\*\/)))(?:.*[\s(),;{}\/])?@[\p{ID_Start}$_(]/mu.test(text)
}
