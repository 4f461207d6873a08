// The shapes that settings of several sections share.

import { z } from 'zod'

/** A duration: up to a year. */
export const seconds = z.number().min(0).max(31_536_000)
export const text = z.string().min(1)
/** A file, `"-"` for a standard stream, or null for none. */
export const destination = z.union([text, z.null()])
