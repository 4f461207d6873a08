// Runs in a program that has created a server: the errors of its methods, besides those of a start.

/** A reload has failed: the old generation keeps serving. The message is the reason. */
export class ReloadError extends Error {
  override readonly name = 'ReloadError'
}

/** The server cannot do that in its present state, for example reload while it stops. */
export class ServerStateError extends Error {
  override readonly name = 'ServerStateError'
}
