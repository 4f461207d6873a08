// Runs in every process of a generation that calls shared(): makes the value of preload() from the memory
// that all of them share.

import { deserialize } from 'node:v8'
import { mappedFrom, type Part } from './layout.ts'
import type { SharedManifest } from './manifest.ts'
import type { FileStep, ValueTable } from './pack.ts'
import { SharedFile } from './shared-file.ts'
import { readValue } from './value-codec.ts'

/** Finds bytes: mapped, or in a copy that only this process has. */
export interface ByteSource {
  /** Another ArrayBuffer for each call. */
  buffer(part: Part): ArrayBuffer
  file(nr: number): Buffer
}

export function unpack({ data, files }: SharedManifest, source: ByteSource): unknown {
  const bytes = (part: Part): Buffer => Buffer.from(source.buffer(part))
  // Parse boundary: pack() of this version has written it.
  const table = deserialize(bytes(data.table)) as ValueTable
  const buffers = buffersOf(table.buffers, source)
  const value = readValue(
    bytes(table.structure),
    table.buffers.length / 2,
    (id) => buffers[id] ?? missing(id),
  )
  const made = files.map(({ path, size }, nr) => new SharedFile({ path, size, bytes: () => source.file(nr) }))
  return table.files.reduce<unknown>((root, [nr, way]) => put(root, way, made[nr] ?? missing(nr)), value)
}

/** A small buffer is no page of its own: it gets memory of its own, as after any clone. */
function buffersOf(places: Float64Array, source: ByteSource): readonly ArrayBuffer[] {
  return Array.from({ length: places.length / 2 }, (_, id) => {
    const part = { offset: places[2 * id] ?? 0, length: places[2 * id + 1] ?? 0 }
    if (part.length === 0) return new ArrayBuffer(0)
    const buffer = source.buffer(part)
    return part.length >= mappedFrom ? buffer : buffer.slice(0)
  })
}

/** Returns the root with a SharedFile in the place of the empty object that stands for it. */
function put(root: unknown, way: readonly FileStep[], file: SharedFile): unknown {
  const last = way.at(-1)
  if (last === undefined) return file
  const parent = way.slice(0, -1).reduce(follow, root)
  const [kind, key] = last
  if (parent instanceof Map) parent.set([...parent.keys()][Number(key)], file)
  else if (typeof parent === 'object' && parent !== null) Reflect.set(parent, key, file)
  else throw new Error(`a SharedFile has no place: ${kind} ${key}`)
  return root
}

function follow(value: unknown, [kind, key]: FileStep): unknown {
  if (value instanceof Map) {
    const found: readonly [unknown, unknown] | undefined = [...value.entries()][Number(key)]
    return kind === 'map key' ? found?.[0] : found?.[1]
  }
  if (value instanceof Set) return [...(value as Set<unknown>)][Number(key)] // of anything
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function missing(nr: number): never {
  throw new Error(`part ${nr} of what preload() returned is missing`)
}
