// Runs once, in a process of its own: puts the model into memory that all processes share.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PreloadContext } from 'tsgun'
import { makeModel } from './make-model.ts'

const file = join(import.meta.dirname, 'node_modules/.cache/encoder.ort')

export async function preload(ctx: PreloadContext) {
  if (!existsSync(file)) await makeModel(file) // yours is part of the release
  return { encoder: await ctx.file(file) }
}
