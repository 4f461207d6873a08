// Runs in the arbiter: the message for a config file or hook script that could not be loaded.

import { stripVTControlCharacters } from 'node:util'
import { hasCode } from '../../os/error-code.ts'
import { whereBroken } from './broken-source.ts'
import { rootCause } from '../../os/root-cause.ts'
import { missingImport } from './missing-import.ts'
import { whereThrown } from './where-thrown.ts'

/** Returns the message of an error thrown while the file was loaded, with its position in the user's code. */
export function loadMessage(error: unknown, file?: string): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  if (hasCode(error, 'ENOENT') && 'syscall' in error) return `no such file${missing(error)}`
  const wrongImport = missingImport(error)
  if (wrongImport !== undefined) return wrongImport
  const root = rootCause(error)
  if (root !== error) return `${loadMessage(root, file)}; that is the cause of: ${plain(error.message)}`
  const message = plain(error.message)
  const place = whereThrown(error) ?? requiredBy(error)
  if (place !== undefined) return `${message} (${place})`
  // an error in TypeScript has its position already
  const isVague = error instanceof SyntaxError && !/^\/.*:\d+:\d+: /.test(message)
  return (isVague && file !== undefined ? whereBroken(file) : undefined) ?? message
}

/** The file may exist and have failed to read another one. */
function missing(error: Error): string {
  const place = whereThrown(error)
  return place && 'path' in error ? `: ${String(error.path)} (${place})` : ''
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
