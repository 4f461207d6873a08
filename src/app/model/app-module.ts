// The module of the app, as it was loaded. Runs in a worker, once at boot.

/** Exports by name; `{ default: module.exports, ... }` for CommonJS. */
export type Namespace = Readonly<Record<string, unknown>>

export interface AppModule {
  readonly file: string
  readonly namespace: Namespace
}
