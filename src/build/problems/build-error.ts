// Runs in `tsgun build`: what the user can mend, in a sentence.

export class BuildError extends Error {
  override readonly name = 'BuildError'
}
