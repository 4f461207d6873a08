// What a program may ask of a server that it creates, besides its config. Types only.

import type { ArbiterSignal } from '../../arbiter/model/signals.ts'

/**
 * What the server does to the process of the program. All of it is off by default: nothing of the process is
 * touched unless it is asked for here.
 */
export interface ServerOptions {
  /** Where relative paths of the config start. Default: the working directory at the call. */
  readonly directory?: string
  /** Flags of the command tsgun that override the config, such as `process.argv.slice(2)`. */
  readonly args?: readonly string[]
  /**
   * Whether signals to the process are orders to the server, as to the command tsgun: TERM stops it, HUP
   * reloads it. A list: these signals. The process does not exit by itself then: it ends when it has nothing
   * left to do. Default: false, and the server does not listen to any signal.
   */
  readonly signals?: boolean | readonly ArbiterSignal[]
  /** Whether `ps` shows the title of a master. Default: false. */
  readonly title?: boolean
  /**
   * Whether `console` and the `log` of tsgun write to the app log of the server as long as it runs, when its
   * setting `capture_output` is on. Default: false.
   */
  readonly console?: boolean
  /**
   * Whether systemd has started the process for the server: its sockets (LISTEN_FDS) are used, and it is
   * notified (NOTIFY_SOCKET). Default: false.
   */
  readonly systemd?: boolean
}
