// Runs in the watchdog thread of a worker: the lines of a stack, as V8 would write them for an error: the
// user's TypeScript with its line numbers, and of Node.js only the function that the user's code has called.

import { fileOf } from '../../modules/files/paths.ts'
import { mapOfCode } from '../../modules/source-maps/map-of-code.ts'
import type { FindOriginal } from '../../modules/source-maps/source-map.ts'
import type { Interrupted } from './interrupt.ts'

/** A frame of the inspector; line and column count from 0. */
export interface RawFrame {
  readonly name: string
  readonly url: string
  readonly line: number
  readonly column: number
  readonly map: FindOriginal | undefined
}

const longestStack = 30
const longestLine = 500
/** Milliseconds for the code of one file. */
const codeLimit = 300

/** The frames worth showing, each with the map of its code. */
export async function readStack(interrupted: Interrupted): Promise<string[]> {
  const maps = new Map<string, FindOriginal | undefined>()
  const frames: RawFrame[] = []
  for (const frame of interrupted.frames.slice(0, 3 * longestStack)) {
    const { scriptId, lineNumber: line, columnNumber: column = 0 } = frame.location
    const url = interrupted.urlOf(frame)
    if (!maps.has(scriptId) && !isInternal(url)) {
      const code = await interrupted.codeOf(frame, codeLimit)
      maps.set(scriptId, code === undefined ? undefined : mapOfCode(pathOf(url), code))
    }
    frames.push({ name: frame.functionName, url, line, column, map: maps.get(scriptId) })
  }
  return stackLines(frames)
}

export function stackLines(frames: readonly RawFrame[]): string[] {
  const shown = frames.filter(({ url }, index) => !isInternal(url) || calledByUser(frames, index))
  return (shown.length > 0 ? shown : frames).slice(0, longestStack).map(lineOf)
}

function calledByUser(frames: readonly RawFrame[], index: number): boolean {
  const caller = frames[index + 1]
  return caller !== undefined && !isInternal(caller.url)
}

function isInternal(url: string): boolean {
  return url.startsWith('node:')
}

function lineOf({ name, url, line, column, map }: RawFrame): string {
  const code = { file: url === '' ? '<anonymous>' : pathOf(url), line, column }
  const shown = map?.(line, column) ?? code
  const place = `${shown.file}:${shown.line + 1}:${shown.column + 1}`
  return `at ${name === '' ? place : `${name} (${place})`}`.slice(0, longestLine)
}

function pathOf(url: string): string {
  return fileOf(url) ?? url
}
