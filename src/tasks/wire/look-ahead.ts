// A short look at a value before it is cloned, because V8 does not say what it meets: large ArrayBuffers, to
// send them without a copy, and objects of which it would silently make an empty one. Both processes. Pure.

import { types } from 'node:util'

/** How deep and how far it looks. What lies beyond is cloned all the same, by copying. */
const [deepest, most] = [3, 100]

/** Classes whose content lies outside of their properties, by the tag that they carry, and what to do. */
const foreignKinds: Readonly<Record<string, string>> = {
  Blob: 'send Buffer.from(await blob.arrayBuffer())',
  File: 'send Buffer.from(await file.arrayBuffer())',
  Request: 'send Buffer.from(await request.arrayBuffer()), or what the task needs of it',
  Response: 'send Buffer.from(await response.arrayBuffer())',
  ReadableStream: 'read it first',
  FormData: 'send the parts that the task needs',
  Headers: 'send Object.fromEntries(headers)',
  URL: 'send url.href',
  URLSearchParams: 'send params.toString()',
}

export class LookAhead {
  /** Of at least `#least` bytes, each once. */
  readonly buffers: ArrayBuffer[] = []
  /** Why the value cannot be sent. */
  problem: string | undefined
  readonly #least: number
  #left = most

  /** `name`: what the path of a problem begins with; `least`: bytes of a large buffer. */
  constructor(value: unknown, name: string, least: number) {
    this.#least = least
    this.#visit(value, name, 0)
  }

  #visit(value: unknown, path: string, depth: number): void {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
    if ((this.#left -= 1) < 0 || this.problem !== undefined || types.isProxy(value)) return
    if (types.isArrayBuffer(value)) return this.#note(value)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (Array.isArray(value)) this.#visitAll(value, path, depth)
    else if (prototype === Object.prototype || prototype === null) this.#visitFields(value, path, depth)
    else this.#checkKind(value, path)
  }

  #visitAll(values: readonly unknown[], path: string, depth: number): void {
    if (depth === deepest) return
    const last = Math.min(values.length, most)
    for (let index = 0; index < last; index += 1) {
      const part = values[index]
      if (typeof part === 'object') this.#visit(part, `${path}[${index}]`, depth + 1)
    }
  }

  #visitFields(value: object, path: string, depth: number): void {
    if (depth === deepest) return
    for (const key of Object.keys(value)) {
      const part: unknown = Reflect.get(value, key)
      if (typeof part === 'object') this.#visit(part, `${path}.${key}`, depth + 1)
    }
  }

  #note(buffer: ArrayBuffer): void {
    if (buffer.byteLength >= this.#least && !this.buffers.includes(buffer)) this.buffers.push(buffer)
  }

  #checkKind(value: object, path: string): void {
    const tag: unknown = Reflect.get(value, Symbol.toStringTag)
    if (typeof tag !== 'string' || !Object.hasOwn(foreignKinds, tag)) return
    this.problem = `${path} is a ${tag}, which cannot be sent: ${foreignKinds[tag]}`
  }
}
