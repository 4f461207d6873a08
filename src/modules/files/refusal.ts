// Arbiter and workers, main and hook thread: what the machine or the installation refuses to the loader.

/** Its message says what happened and what to do. It has no frames, which would be those of tsgun. */
export class ModuleRefusal extends Error {
  override readonly name = 'ModuleRefusal'

  constructor(message: string) {
    super(message)
    this.stack = `${this.name}: ${message}`
  }
}
