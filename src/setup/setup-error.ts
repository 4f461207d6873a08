// Of `tsgun init` and `tsgun migrate`: why no config was written. The message is for the user.

export class SetupError extends Error {
  override readonly name = 'SetupError'
}
