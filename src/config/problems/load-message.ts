// Runs in the arbiter: why a file of the user's (config or hook script) could not be loaded, in as few lines
// as the error allows.

import { stripVTControlCharacters } from 'node:util'

import { hasCode } from '../../os/error-code.ts'
import { whereBroken } from './broken-source.ts'
import { whereThrown } from './where-thrown.ts'

/**
 * The message of what was thrown while the file was loaded, with the place in the user's code if it is known.
 */
export function loadMessage(error: unknown, file?: string): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  if (hasCode(error, 'ENOENT') && 'syscall' in error) return `there is no such file${missing(error)}`
  const message = plain(error.message)
  const place = whereThrown(error) ?? requiredBy(error)
  if (place !== undefined) return `${message} (${place})`
  // what did not compile as TypeScript has its place
  const isVague = error instanceof SyntaxError && !/^\/.*:\d+:\d+: /.test(message)
  return (isVague && file !== undefined ? whereBroken(file) : undefined) ?? message
}

/** The file may have been found and have looked for another one. */
function missing(error: Error): string {
  const place = whereThrown(error)
  return place && 'path' in error ? `: ${String(error.path)} (${place})` : ''
}

/**
 * Later versions of Node put so many frames of their own on top that the user's is cut off; who required what
 * is missing is told apart.
 */
function requiredBy(error: Error): string | undefined {
  const stack: unknown = 'requireStack' in error ? error.requireStack : undefined
  const [first]: unknown[] = Array.isArray(stack) ? stack : []
  return typeof first === 'string' ? first : undefined
}

/**
 * Without Node's list of who required whom, without what cosmiconfig says twice and without the colours in
 * which it says it wherever the environment variable CI or FORCE_COLOR is set; what is wrong comes before the
 * extract.
 */
function plain(message: string): string {
  const text = stripVTControlCharacters(message)
    .replace(/\nRequire stack:\n[^]*$/, '')
    .replace(/^(?:JSON|YAML) Error in .*:\s*\n/, '')
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ''))
  const told = [...new Set(paragraphs)].filter((paragraph) => paragraph !== '')
  const isExtract = (paragraph: string): boolean => /^>? *\d+ \|/.test(paragraph)
  return [...told.filter((paragraph) => !isExtract(paragraph)), ...told.filter(isExtract)].join('\n\n')
}
