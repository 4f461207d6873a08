// What the server as a whole is doing, and how its last reload ended. The control socket reports both. Pure;
// imports nothing, because `tsgunctl` loads it.

export const serverStates = {
  starting: 'The first workers are not all ready yet.',
  serving: 'Requests are served. Single workers may be replaced.',
  reloading: 'A reload is in progress.',
  upgrading: 'A new master is starting, or already serves, beside this one.',
  stopping: 'The server finishes the open requests and exits.',
} as const

export type ServerState = keyof typeof serverStates

/** The end of a reload. */
export interface LastReload {
  /** 1 is the first since the start. */
  readonly attempt: number
  readonly ok: boolean
  /** Why it failed. */
  readonly reason: string | null
  /** ISO 8601. */
  readonly at: string
}
