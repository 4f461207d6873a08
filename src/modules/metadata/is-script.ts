// The thread that compiles with the project's own compiler.
import { Script } from 'node:vm'

/** Whether compiled code can run as CommonJS: it has no top-level await. */
export function isScript(code: string): boolean {
  try {
    new Script(`(function () {${code}\n})`)
    return true
  } catch {
    return false
  }
}
