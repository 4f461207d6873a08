// Runs in the arbiter: the file of the app when it is TypeScript and so is worth compiling before the first worker asks for it.

import { parseReference } from './app-reference.ts'
import { resolveModule } from './resolve-module.ts'

/** Undefined for JavaScript, and for an app that cannot be found: the worker that loads it says what is wrong. */
export function appFileToCompile(app: string, directory: string): string | undefined {
  try {
    const file = resolveModule(parseReference(app).module, directory)
    return /\.[mc]?tsx?$/.test(file) ? file : undefined
  } catch {
    return undefined
  }
}
