// Schemas that settings of several sections share.

import * as z from 'zod'
import { parseSize } from './size.ts'

/** A duration, at most a year. */
export const seconds = z.number().min(0).max(31_536_000)
export const text = z.string().min(1)
/** Bytes, as a number or as text such as "64M". */
export const size = z
  .union([z.int().min(0), z.string().regex(/^\d+(\.\d+)? ?[KMGT]?(i?B)?$/i)])
  .transform((value, context) => {
    const bytes = typeof value === 'number' ? value : parseSize(value)
    if (bytes !== undefined) return bytes
    context.addIssue({ code: 'custom', message: 'too large' })
    return z.NEVER
  })
/** Permissions of a file, as a number (0o640) or as octal digits ("640"). */
export const mode = z
  .union([z.int().min(0).max(0o777), z.string().regex(/^(0o?)?[0-7]{1,3}$/)])
  .transform((value) => {
    return typeof value === 'number' ? value : Number.parseInt(value.replace(/^0o/, ''), 8)
  })
export const showMode = (value: number): string => `0o${value.toString(8).padStart(3, '0')}`
/** A file, `"-"` for a standard stream, or null for none. */
export const destination = z.union([text, z.null()])
