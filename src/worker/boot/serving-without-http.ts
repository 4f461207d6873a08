// Runs in a process without HTTP, such as one of tasks: the parts of Serving that have no effect there.

export class ServingWithoutHttp {
  readonly server = null

  inFlight(): [] {
    return []
  }

  startedIn(): [] {
    return []
  }

  logInFlight(): void {}

  add(): void {}

  unready(): void {}

  respond(): void {}
}
