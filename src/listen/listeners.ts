// Runs in the arbiter: the open sockets of this master. A socket that stays is never closed and bound again,
// at a reload or by a new master; what is new is opened first, all or nothing, and what is gone is closed
// when nobody accepts on it any more.

import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { formatAddress, parseAddress, type Address } from './address.ts'
import { BindError, codeOf, explain } from './bind-error.ts'
import { adopt, bindHost, bindPath, type Found, type Listener, type ListenOptions } from './listener.ts'
import { removeOwnSocket, type MadeFile } from './unix-socket.ts'

/** The setting `bind`. */
export interface Bind {
  readonly addresses: readonly string[]
  /** Nobody has set it. */
  readonly isDefault: boolean
}

export interface ListenersOptions extends ListenOptions {
  /** Called before each new try for an address in use. */
  readonly onRetry: (address: Address, triesLeft: number) => void
  readonly warn: (message: string) => void
  /**
   * Another master has the same sockets, during an upgrade: files stay, and nobody is kept from connecting.
   */
  readonly isShared: () => boolean
}

/** gunicorn's: five tries, a second apart, because a server that stops may hold its port for a moment. */
const tries = 5
const retryInterval = 1000

const unknown = { foreign: true, file: undefined, activation: undefined, address: undefined } as const

export class Listeners {
  readonly #options: ListenersOptions
  readonly #told = new Set<string>()
  /** Those that another master may have too. */
  readonly #shared: Set<Listener>
  /** Of sockets that are closed here, and that the other master may have. */
  readonly #leftFiles: MadeFile[] = []
  #open: readonly Listener[]
  #closed = false

  /**
   * `found`: those that this master was started with, of systemd or of the master before it. Throws a
   * BindError.
   */
  constructor(options: ListenersOptions, found: readonly Found[] = []) {
    this.#options = options
    this.#open = found.map((each) => adoptFound(each, options))
    this.#shared = new Set(this.#open)
  }

  /** What another master gets: the sockets that are served, and those of systemd. */
  share(served: readonly Listener[]): readonly Listener[] {
    const shared = this.#open.filter(
      (listener) => served.includes(listener) || listener.activation !== undefined,
    )
    for (const listener of shared) this.#shared.add(listener)
    return shared
  }

  /** The other master is gone: so are the sockets that only it had. */
  removeLeftFiles(): void {
    for (const file of this.#leftFiles.splice(0)) removeOwnSocket(file)
  }

  /** Another master lives that has the same sockets. */
  get areShared(): boolean {
    return this.#options.isShared()
  }

  /**
   * Answers a listener for each address, in order. What is open stays as it is; on a failure what was newly
   * bound is closed again.
   */
  async open(bind: Bind): Promise<readonly Listener[]> {
    const addresses = bind.addresses.map(parseAddress)
    const activated = this.#open.filter(({ activation }) => activation !== undefined)
    const isMeant = activated.some((listener) => addresses.some((address) => isAt(listener, address)))
    const wanted =
      activated.length > 0 && (bind.isDefault || !isMeant) ? activated : await this.#openEach(addresses)
    this.#tellUnused(bind, activated, wanted)
    return wanted
  }

  /** Closes the others, except those of systemd: they are its own. */
  keepOnly(kept: readonly Listener[]): void {
    const stays = (listener: Listener): boolean =>
      kept.includes(listener) || listener.activation !== undefined
    this.#close(this.#open.filter((listener) => !stays(listener)))
    for (const listener of kept) listener.unhold()
  }

  /** The workers that will accept on them for the last time are about to take who has connected already. */
  hold(listeners: readonly Listener[]): void {
    for (const listener of listeners) if (!this.#isElsewhere(listener)) listener.hold()
  }

  closeAll(): void {
    this.#closed = true
    this.#close(this.#open)
  }

  async #openEach(addresses: readonly Address[]): Promise<readonly Listener[]> {
    const taken: Listener[] = []
    const made: Listener[] = []
    try {
      for (const address of addresses) {
        const found = this.#find(address, taken)
        const listener = found ?? (await this.#bind(address, hasTwin(address, addresses)))
        if (found === undefined) made.push(listener)
        taken.push(listener)
      }
      if (this.#closed) throw new BindError('the server has stopped meanwhile')
    } catch (error) {
      for (const listener of made) listener.close({ keepFile: false })
      throw error
    }
    this.#open = [...this.#open, ...made]
    return taken
  }

  /** One that was opened for this very address, or else one that has it. */
  #find(address: Address, taken: readonly Listener[]): Listener | undefined {
    const free = this.#open.filter((listener) => !taken.includes(listener))
    return (
      free.find(({ requested }) => requested === keyOf(address)) ??
      free.find((listener) => isAt(listener, address))
    )
  }

  async #bind(address: Address, onlyItsFamily: boolean): Promise<Listener> {
    const { onRetry } = this.#options
    for (let left = tries - 1; ; left -= 1) {
      try {
        return await this.#bindOnce(address, onlyItsFamily)
      } catch (error) {
        if (error instanceof BindError) throw error
        if (left === 0 || this.#closed || codeOf(error) !== 'EADDRINUSE')
          throw new BindError(explain(address, error), { cause: error })
        onRetry(address, left)
        await delay(retryInterval)
      }
    }
  }

  async #bindOnce(address: Address, onlyItsFamily: boolean): Promise<Listener> {
    const requested = keyOf(address)
    if (address.kind === 'tcp') return bindHost(requested, address, onlyItsFamily, this.#options)
    if (address.kind === 'unix') return bindPath(requested, address.path, this.#options)
    if (address.kind === 'fd') return adopt({ ...unknown, fd: address.fd, requested }, this.#options)
    throw new BindError(`cannot listen on ${requested}: ${this.#namesKnown()}`)
  }

  #namesKnown(): string {
    const names = this.#open.flatMap(({ activation }) => (activation === undefined ? [] : [activation]))
    return names.length === 0
      ? 'systemd has opened no socket for this server; start it by its .socket unit'
      : 'systemd has opened no socket of this name (FileDescriptorName=), but ' +
          `${names.map((name) => `"${name}"`).join(', ')}`
  }

  #tellUnused(bind: Bind, activated: readonly Listener[], wanted: readonly Listener[]): void {
    const unused = activated.filter((listener) => !wanted.includes(listener))
    const shown = (listeners: readonly Listener[]): string => listeners.map(({ url }) => url).join(', ')
    if (unused.length > 0)
      this.#warnOnce(`nobody serves ${shown(unused)}, which systemd has opened: \`bind\` does not name it`)
    if (bind.isDefault || activated.length === 0 || wanted !== activated) return
    this.#warnOnce(
      `\`bind\` (${bind.addresses.join(', ')}) names none of the sockets that systemd has opened, so ` +
        `these are served instead: ${shown(activated)}`,
    )
  }

  #warnOnce(message: string): void {
    if (!this.#told.has(message)) this.#options.warn(message)
    this.#told.add(message)
  }

  #close(listeners: readonly Listener[]): void {
    this.#open = this.#open.filter((listener) => !listeners.includes(listener))
    for (const listener of listeners) {
      const keepFile = this.#isElsewhere(listener)
      if (keepFile && listener.file) this.#leftFiles.push(listener.file)
      listener.close({ keepFile })
    }
  }

  #isElsewhere(listener: Listener): boolean {
    return this.areShared && this.#shared.has(listener)
  }
}

function adoptFound(found: Found, options: ListenOptions): Listener {
  try {
    return adopt(found, options)
  } catch (error) {
    throw new BindError(explain({ kind: 'fd', fd: found.fd }, error), { cause: error })
  }
}

/** The one spelling of an address: `./a.sock` and `/srv/a.sock` may be the same file. */
function keyOf(address: Address): string {
  return formatAddress(address.kind === 'unix' ? { ...address, path: resolve(address.path) } : address)
}

function isAt({ requested, activation, address: own }: Listener, address: Address): boolean {
  if (address.kind === 'name') return activation === address.name
  return keyOf(address) === requested || keyOf(address) === keyOf(own)
}

/**
 * Linux gives `[::]` the IPv4 connections too, so that `0.0.0.0` beside it with the same port would be in
 * use.
 */
function hasTwin(address: Address, addresses: readonly Address[]): boolean {
  return (
    address.kind === 'tcp' &&
    address.port !== 0 &&
    addresses.some(
      (other) => other.kind === 'tcp' && other.port === address.port && other.host !== address.host,
    )
  )
}
