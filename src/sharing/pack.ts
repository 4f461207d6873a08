// Runs in the process of preload(): what it returned, as pieces to write one after another into the memory
// that all processes of the generation share.

import { serialize } from 'node:v8'
import { layOut, type Part } from './layout.ts'
import type { Step } from './place.ts'
import type { SharedFile } from './shared-file.ts'
import { NotShareableError, surveyValue, type Survey } from './survey.ts'
import { writeValue, type WrittenValue } from './value-codec.ts'

/** A step on the way to a SharedFile: the key of a property, or the number of an element or entry. */
export type FileStep = readonly [kind: Step['kind'], key: string | number]

/** The last part: what is needed to read the others. */
export interface ValueTable {
  /** Offset and length of each buffer, in turn. */
  readonly buffers: Float64Array
  readonly structure: Part
  /** The number of a SharedFile, and its way from the root. */
  readonly files: readonly (readonly [nr: number, way: readonly FileStep[]])[]
}

export interface Piece {
  readonly offset: number
  readonly bytes: Uint8Array
}

export interface Packed {
  readonly size: number
  readonly pieces: readonly Piece[]
  readonly table: Part
}

/** `numberOf`: the number of a SharedFile. Throws a NotShareableError. */
export function pack(value: unknown, numberOf: (file: SharedFile) => number): Packed {
  const survey = surveyValue(value)
  const { structure, buffers } = write(value, survey)
  const layout = layOut(
    buffers.map(({ byteLength }) => byteLength),
    structure.byteLength,
  )
  const table: ValueTable = {
    buffers: Float64Array.from(layout.buffers.flatMap(({ offset, length }) => [offset, length])),
    structure: layout.structure,
    files: survey.files.map(({ file, steps }) => [numberOf(file), steps.map(shorten)]),
  }
  const bytes = serialize(table)
  const last = { offset: layout.end, bytes }
  return {
    size: layout.end + bytes.byteLength,
    pieces: [
      ...buffers.map((content, id) => ({ offset: layout.buffers[id]?.offset ?? 0, bytes: content })),
      { offset: layout.structure.offset, bytes: structure },
      last,
    ],
    table: { offset: last.offset, length: bytes.byteLength },
  }
}

/** What the survey does not look at, for example a further property of an array, fails here. */
function write(value: unknown, { buffers }: Survey): WrittenValue {
  try {
    return writeValue(value, buffers)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new NotShareableError(`it cannot be shared: ${reason}`, { cause: error })
  }
}

function shorten(step: Step): FileStep {
  if (step.kind === 'property') return [step.kind, step.key]
  return [step.kind, step.kind === 'element' ? step.index : step.nr]
}
