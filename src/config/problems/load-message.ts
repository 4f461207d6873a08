// Runs in the arbiter: the message for a config file or hook script that could not be loaded.

import { stripVTControlCharacters } from 'node:util'
import { hasCode } from '../../os/error-code.ts'
import { messageOf } from '../../os/error-message.ts'
import { loadingShortageOf } from '../../os/limits/shortage.ts'
import { whereBroken } from './broken-source.ts'
import { rootCause } from '../../os/root-cause.ts'
import { missingImport } from './missing-import.ts'
import { whereThrown } from './where-thrown.ts'

export interface LoadedFile {
  readonly path?: string | undefined
  /** Whether it is JavaScript or TypeScript. */
  readonly isCode: boolean
}

/** Returns the message of an error thrown while the file was loaded, with its position in the user's code. */
export function loadMessage(error: unknown, file: LoadedFile): string {
  if (!(error instanceof Error)) return `it threw ${messageOf(error)}`
  const shortage = loadingShortageOf(error)
  if (shortage !== undefined) return shortage
  const missing = missingFile(error, file)
  if (missing !== undefined) return missing
  const wrongImport = missingImport(error)
  if (wrongImport !== undefined) return wrongImport
  const root = rootCause(error)
  if (root !== error) return `${loadMessage(root, file)}; that is the cause of: ${plain(messageOf(error))}`
  const message = plain(messageOf(error))
  const place = whereThrown(error) ?? requiredBy(error)
  if (place !== undefined) return `${message} (${place})`
  // an error in TypeScript has its position already
  const isVague = error instanceof SyntaxError && !/^\/.*:\d+:\d+: /.test(message)
  return (isVague && file.isCode && file.path !== undefined ? whereBroken(file.path) : undefined) ?? message
}

/** The file may exist and have failed to read another one, also where its stack has no frame of the user. */
function missingFile(error: Error, { path }: LoadedFile): string | undefined {
  if (!hasCode(error, 'ENOENT') || !('path' in error) || 'dest' in error) return undefined
  if ('syscall' in error && String(error.syscall).startsWith('spawn')) return undefined // a program
  if (error.path === path) return 'no such file'
  const place = whereThrown(error)
  return `no such file: ${String(error.path)}${place === undefined ? '' : ` (${place})`}`
}

/** Newer versions of Node add frames on top, which cut off the user's frame. */
function requiredBy(error: Error): string | undefined {
  const stack: unknown = 'requireStack' in error ? error.requireStack : undefined
  const [first]: unknown[] = Array.isArray(stack) ? stack : []
  return typeof first === 'string' ? first : undefined
}

/**
 * Removes Node's require stack, the repetitions of cosmiconfig, and its colours (it prints them if CI or
 * FORCE_COLOR is set). The message comes before the code frame.
 */
function plain(message: string): string {
  const text = stripVTControlCharacters(message)
    .replace(/\nRequire stack:\n[^]*$/, '')
    .replace(/^(?:JSON|YAML) Error in .*:\s*\n/, '')
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ''))
  const unique = [...new Set(paragraphs)].filter((paragraph) => paragraph !== '')
  const isCodeFrame = (paragraph: string): boolean => /^>? *\d+ \|/.test(paragraph)
  return [...unique.filter((paragraph) => !isCodeFrame(paragraph)), ...unique.filter(isCodeFrame)].join(
    '\n\n',
  )
}
