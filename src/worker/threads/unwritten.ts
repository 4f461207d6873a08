// Bytes that a thread has posted to the main thread, which has not written them yet. The thread adds, the
// main thread subtracts; no lock, because neither may wait for the other.

export class Unwritten {
  readonly memory: SharedArrayBuffer
  readonly #bytes: BigInt64Array

  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory
    this.#bytes = new BigInt64Array(memory)
  }

  get bytes(): number {
    return Number(Atomics.load(this.#bytes, 0))
  }

  add(bytes: number): void {
    Atomics.add(this.#bytes, 0, BigInt(bytes))
  }

  subtract(bytes: number): void {
    Atomics.sub(this.#bytes, 0, BigInt(bytes))
  }
}
