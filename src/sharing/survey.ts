// Runs in the process of preload(): goes once through what it returned, before it is packed, and finds what
// cannot be shared, each ArrayBuffer, and each SharedFile. Depth costs no stack.

import { types } from 'node:util'
import { describePlace, type Step } from './place.ts'
import { refusalOf } from './refusals.ts'
import { SharedFile } from './shared-file.ts'

export interface FileUse {
  readonly file: SharedFile
  readonly steps: readonly Step[]
}

export interface Survey {
  /** Those that are reached without a view. */
  readonly buffers: readonly ArrayBuffer[]
  readonly files: readonly FileUse[]
}

/** preload() has returned something that cannot be shared. */
export class NotShareableError extends Error {
  override readonly name = 'NotShareableError'
}

type Child = readonly [step: Step, value: unknown]

interface Frame {
  readonly children: Iterator<Child>
  step: Step | undefined
}

/** How many places an error names. */
const mostNamed = 5

/** Throws a NotShareableError that names the places. */
export function surveyValue(value: unknown): Survey {
  const survey = new Surveyor()
  survey.run(value)
  return survey
}

class Surveyor implements Survey {
  readonly buffers: ArrayBuffer[] = []
  readonly files: FileUse[] = []
  readonly #seen = new Set<object>()
  readonly #frames: Frame[] = []
  readonly #problems: string[] = []

  run(value: unknown): void {
    this.#visit(value)
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const next = frame.children.next()
      if (next.done === true) {
        this.#frames.pop()
        continue
      }
      frame.step = next.value[0]
      this.#visit(next.value[1])
      if (this.#problems.length === mostNamed) break
    }
    if (this.#problems.length > 0)
      throw new NotShareableError(`it cannot be shared: ${this.#problems.join('; ')}`)
  }

  #visit(value: unknown): void {
    if (value instanceof SharedFile) return this.#takeFile(value)
    if (typeof value === 'object' && value !== null) {
      if (this.#seen.has(value)) return
      this.#seen.add(value)
    }
    const refusal = refusalOf(value)
    if (refusal !== undefined) return void this.#problems.push(`${describePlace(this.#steps())}: ${refusal}`)
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
    if (types.isArrayBuffer(value)) this.buffers.push(value)
    else this.#frames.push({ children: childrenOf(value), step: undefined })
  }

  /** It is put back by its way from the root, which leads through no key of a Map and no Set. */
  #takeFile(file: SharedFile): void {
    const steps = this.#steps()
    const last = steps.at(-1)?.kind
    if (last === 'map key' || last === 'set element')
      this.#problems.push(`${describePlace(steps)}: a SharedFile; put it into an object, an array or a Map`)
    else this.files.push({ file, steps })
  }

  #steps(): readonly Step[] {
    return this.#frames.flatMap(({ step }) => step ?? [])
  }
}

function needsVisit(value: unknown): boolean {
  const type = typeof value
  return (type === 'object' && value !== null) || type === 'function' || type === 'symbol'
}

function childrenOf(value: object): Iterator<Child> {
  if (Array.isArray(value)) return elementsOf(value)
  if (types.isMap(value)) return entriesOf(value)
  if (types.isSet(value)) return membersOf(value)
  return types.isNativeError(value) ? [][Symbol.iterator]() : propertiesOf(value)
}

/** Properties of an array besides its elements are cloned, but are in no path. */
function* elementsOf(array: readonly unknown[]): Generator<Child> {
  const isSparse = array.length > 1_000_000 && Object.keys(array).length < array.length
  if (isSparse) return yield* propertiesOf(array)
  for (const [index, value] of array.entries())
    if (needsVisit(value)) yield [{ kind: 'element', index }, value]
}

function* propertiesOf(value: object): Generator<Child> {
  for (const key of Object.keys(value)) {
    const child: unknown = Reflect.get(value, key)
    if (needsVisit(child)) yield [{ kind: 'property', key }, child]
  }
}

function* entriesOf(map: ReadonlyMap<unknown, unknown>): Generator<Child> {
  let nr = 0
  for (const [key, value] of map) {
    if (needsVisit(key)) yield [{ kind: 'map key', nr }, key]
    if (needsVisit(value)) yield [{ kind: 'map value', key, nr }, value]
    nr += 1
  }
}

function* membersOf(set: ReadonlySet<unknown>): Generator<Child> {
  let nr = 0
  for (const value of set) {
    if (needsVisit(value)) yield [{ kind: 'set element', nr }, value]
    nr += 1
  }
}
