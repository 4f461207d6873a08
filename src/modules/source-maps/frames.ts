// Workers, and the threads and processes that an app starts: the frames of a stack, with their place in the
// source that the user has written.

import { fileOf, isCompiled, isLocal } from '../files/paths.ts'
import { mapOfCode, readUnchanged } from './map-of-code.ts'
import type { FindOriginal, Original } from './source-map.ts'

type Frame = NodeJS.CallSite

/** Returns the compiled code of a file; undefined for a file that is not compiled. */
export type CodeOf = (path: string) => string | undefined

/** Returns the source of a frame; undefined if the code that runs is the source. */
export type Locate = (frame: Frame) => Original | undefined

/** Files whose maps are kept; code of `node:vm` may have any number of names. */
const mostFiles = 2000

export function createLocate(codeOf: CodeOf): Locate {
  const maps = new Map<string, FindOriginal | undefined>()
  const mapOf = (path: string): FindOriginal | undefined => {
    if (maps.has(path)) return maps.get(path)
    if (maps.size >= mostFiles) maps.clear()
    const code = isCompiled(path) ? codeOf(path) : readBuilt(path)
    const map = code === undefined ? undefined : mapOfCode(path, code)
    maps.set(path, map)
    return map
  }
  return (frame) => {
    const path = pathOf(frame)
    const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()]
    if (path === undefined || line === null || column === null) return undefined
    return mapOf(path)?.(line - 1, column - 1)
  }
}

/** Whether a frame is of a file that tsgun has compiled. */
export function isOfCompiled(frame: Frame): boolean {
  return isCompiled(pathOf(frame) ?? '')
}

/** The text of V8, with the place in the source. */
export function frameText(frame: Frame, original: Original | undefined): string {
  const text = String(frame)
  if (original === undefined) return text
  const name = frame.getScriptNameOrSourceURL()
  const { file, line, column } = original
  const shown = file === pathOf(frame) ? name : file // the name of an ES module is a URL
  return text.replace(
    `${name}:${frame.getLineNumber()}:${frame.getColumnNumber()}`,
    () => `${shown}:${line + 1}:${column + 1}`,
  )
}

/** A frame that says of itself that it is at its place in the source. */
export function inSource(frame: Frame, original: Original): Frame {
  const changed = new Map<PropertyKey, unknown>([
    ['getLineNumber', () => original.line + 1],
    ['getColumnNumber', () => original.column + 1],
    ['toString', () => frameText(frame, original)],
  ])
  return new Proxy(frame, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      // V8's functions accept no other object
      return changed.get(name) ?? (typeof value === 'function' ? value.bind(target) : value)
    },
  })
}

function pathOf(frame: Frame): string | undefined {
  // undefined for code that a debugger evaluates
  const name: string | null | undefined = frame.getScriptNameOrSourceURL()
  return name?.startsWith('/') === true ? name : fileOf(name ?? undefined)
}

function readBuilt(path: string): string | undefined {
  if (!isLocal(path)) return undefined
  try {
    return readUnchanged(path)
  } catch {
    return undefined // no file has this name (`node:vm`), or it has been removed
  }
}
