// Whether an access log format can be compiled, asked while the config is checked, so that a bad one ends the
// start in one line.

import { compileAccessFormat, AccessFormatError } from '../../logging/access/compile.ts'

/** What is wrong with the format, or undefined. */
export function accessFormatProblem(format: string): string | undefined {
  try {
    compileAccessFormat(format, { pid: 0, worker: 0, environment: {} })
    return undefined
  } catch (error) {
    if (error instanceof AccessFormatError) return error.message
    throw error
  }
}
