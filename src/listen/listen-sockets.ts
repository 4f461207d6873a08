// Runs in the arbiter: its listening sockets. At a reload or an upgrade a socket that stays is never closed
// and bound again. New sockets are opened first, all or none; a socket that is no longer in `bind` is closed
// when no worker accepts on it any more.

import { setTimeout as delay } from 'node:timers/promises'
import { parseAddress, type Address } from './address.ts'
import { hasCode } from '../os/error-code.ts'
import { BindError, explain } from './bind-error.ts'
import {
  adopt,
  bindHost,
  bindPath,
  type InheritedSocket,
  type Listener,
  type ListenOptions,
} from './listener.ts'
import { SlotSockets } from './slot-sockets.ts'
import { bindPlaces, isPerSlot } from './slots.ts'
import { hasTwin, isAt, keyOf } from './same-address.ts'
import { removeOwnSocket, type MadeFile } from './unix-socket.ts'

/** The setting `bind`. */
export interface Bind {
  readonly addresses: readonly string[]
  /** True when no source sets it. */
  readonly isDefault: boolean
  /** How many slots have sockets of their own from the beginning. */
  readonly workers: number
  /** Whether it is that of a service, and the owner of its unix sockets if that differs. */
  readonly service?: { readonly owner?: ListenOptions['owner'] | undefined } | undefined
  /** Sockets of the same generation that others accept on: with port 0 several have one address. */
  readonly taken?: readonly Listener[]
  /** Addresses of services: a socket of systemd with one of these is not for the app. */
  readonly ofServices?: readonly string[]
}

/** The sockets of one generation. */
export interface OpenSockets {
  /** Those that all workers accept on. */
  readonly listeners: readonly Listener[]
  readonly slots: SlotSockets
}

export interface ListenSocketsOptions extends ListenOptions {
  /** Called before each retry for an address in use. */
  readonly onRetry: (address: Address, triesLeft: number) => void
  readonly warn: (message: string) => void
  /**
   * Whether another arbiter has the same sockets, during an upgrade: then files stay, and new connections are
   * not blocked.
   */
  readonly isShared: () => boolean
}

/** As in gunicorn: five tries, a second apart, because a server that stops may keep its port for a moment. */
const tries = 5
const retryInterval = 1000

const unknown = { foreign: true, file: undefined, activation: undefined, address: undefined } as const

export class ListenSockets {
  readonly #options: ListenSocketsOptions
  readonly #warned = new Set<string>()
  /** Those that another arbiter may have too. */
  readonly #shared: Set<Listener>
  /** Files of sockets that are closed here, but may still be open in the other arbiter. */
  readonly #leftFiles: MadeFile[] = []
  #open: readonly Listener[]
  /** Two calls never bind the same address: each waits for the one before it. */
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false

  /**
   * `inherited`: the sockets that this arbiter was started with, by systemd or by the old arbiter of an
   * upgrade. Throws a BindError.
   */
  constructor(options: ListenSocketsOptions, inherited: readonly InheritedSocket[] = []) {
    this.#options = options
    this.#open = inherited.map((socket) => adoptInherited(socket, options))
    this.#shared = new Set(this.#open)
  }

  /** Returns the sockets for another arbiter: those that are served, and those of systemd. */
  share(served: readonly Listener[]): readonly Listener[] {
    const shared = this.#open.filter(
      (listener) => served.includes(listener) || listener.activation !== undefined,
    )
    for (const listener of shared) this.#shared.add(listener)
    return shared
  }

  /** Removes the files of sockets that only the other arbiter had, after its exit. */
  removeLeftFiles(): void {
    for (const file of this.#leftFiles.splice(0)) removeOwnSocket(file)
  }

  /** Whether another arbiter with the same sockets is running. */
  get areShared(): boolean {
    return this.#options.isShared()
  }

  /**
   * Resolves with a listener for each address, in order, and one for each slot. Open sockets are reused.
   * Rejects with a BindError when one cannot be bound; those that were bound by this call are closed then.
   */
  open(bind: Bind): Promise<OpenSockets> {
    return this.#inTurn(() => this.#openAll(bind))
  }

  /** Closes all others, except those of systemd. */
  keepOnly(kept: readonly Listener[]): void {
    const stays = (listener: Listener): boolean =>
      kept.includes(listener) || listener.activation !== undefined
    this.#close(this.#open.filter((listener) => !stays(listener)))
    for (const listener of kept) listener.unhold()
  }

  /**
   * Blocks new connections, while the last workers that accept on these sockets take the connections in the
   * backlog.
   */
  hold(listeners: readonly Listener[]): void {
    for (const listener of listeners) if (!this.#isInOther(listener)) listener.hold()
  }

  closeAll(): void {
    this.#closed = true
    this.#close(this.#open)
  }

  async #openAll(bind: Bind): Promise<OpenSockets> {
    const addresses = bind.addresses.map(parseAddress)
    const slots = new SlotSockets(addresses.filter(isPerSlot), {
      open: (ofSlot, taken) => this.#inTurn(async () => taken(await this.#openEach(ofSlot, bind))),
      close: (listeners) => this.#close(listeners),
    })
    const places = bindPlaces(addresses, bind.workers)
    const activated = this.#activatedFor(bind)
    const isNamed = activated.some((listener) => places.some(({ address }) => isAt(listener, address)))
    if (activated.length > 0 && (bind.isDefault || !isNamed)) {
      this.#warnUnused(bind, activated, activated)
      return { listeners: activated, slots: new SlotSockets([], slots.calls) }
    }
    const used = await this.#openEach(
      places.map(({ address }) => address),
      bind,
    )
    this.#warnUnused(bind, activated, used)
    const of = (slot: number | undefined): readonly Listener[] =>
      used.filter((_, index) => places[index]?.slot === slot)
    for (let nr = 0; nr < bind.workers; nr += 1) slots.put(nr, of(nr))
    return { listeners: of(undefined), slots }
  }

  /** The sockets of systemd that may be served in place of those that `bind` names. */
  #activatedFor({ service, ofServices = [] }: Bind): readonly Listener[] {
    if (service !== undefined) return []
    const others = ofServices.map(parseAddress)
    return this.#open.filter(
      (listener) => listener.activation !== undefined && !others.some((address) => isAt(listener, address)),
    )
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(task)
    this.#turn = result.catch(() => undefined) // the caller handles it
    return result
  }

  async #openEach(
    addresses: readonly Address[],
    { service, taken: others = [] }: Bind,
  ): Promise<readonly Listener[]> {
    const taken: Listener[] = []
    const made: Listener[] = []
    const options = service?.owner ? { ...this.#options, owner: service.owner } : this.#options
    try {
      for (const address of addresses) {
        const found = this.#find(address, [...others, ...taken])
        const listener = found ?? (await this.#bind(address, hasTwin(address, addresses), options))
        if (found === undefined) made.push(listener)
        else listener.unhold()
        taken.push(listener)
      }
      if (this.#closed) throw new BindError('the server is stopping')
    } catch (error) {
      for (const listener of made) listener.close({ keepFile: false })
      throw error
    }
    this.#open = [...this.#open, ...made]
    return taken
  }

  /** Prefers the socket that was opened for exactly this address to one that only has it. */
  #find(address: Address, taken: readonly Listener[]): Listener | undefined {
    const free = this.#open.filter((listener) => !taken.includes(listener))
    return (
      free.find(({ requested }) => requested === keyOf(address)) ??
      free.find((listener) => isAt(listener, address))
    )
  }

  async #bind(address: Address, onlyItsFamily: boolean, options: ListenOptions): Promise<Listener> {
    const { onRetry } = this.#options
    for (let left = tries - 1; ; left -= 1) {
      try {
        return await this.#bindOnce(address, onlyItsFamily, options)
      } catch (error) {
        if (error instanceof BindError) throw error
        if (left === 0 || this.#closed || !hasCode(error, 'EADDRINUSE'))
          throw new BindError(explain(address, error), { cause: error })
        onRetry(address, left)
        await delay(retryInterval)
      }
    }
  }

  async #bindOnce(address: Address, onlyItsFamily: boolean, options: ListenOptions): Promise<Listener> {
    const requested = keyOf(address)
    if (address.kind === 'tcp') return bindHost(requested, address, onlyItsFamily, options)
    if (address.kind === 'unix') return bindPath(requested, address.path, options)
    if (address.kind === 'fd') return adopt({ ...unknown, fd: address.fd, requested }, options)
    throw new BindError(`cannot listen on ${requested}: ${this.#knownNames()}`)
  }

  #knownNames(): string {
    const names = this.#open.flatMap(({ activation }) => (activation === undefined ? [] : [activation]))
    return names.length === 0
      ? 'systemd has opened no socket for this server; start it with its .socket unit'
      : 'systemd has opened no socket with this name (FileDescriptorName=), but ' +
          `${names.map((name) => `"${name}"`).join(', ')}`
  }

  #warnUnused(bind: Bind, activated: readonly Listener[], used: readonly Listener[]): void {
    const unused = activated.filter((listener) => !used.includes(listener))
    const shown = (listeners: readonly Listener[]): string => listeners.map(({ url }) => url).join(', ')
    if (unused.length > 0)
      this.#warnOnce(`no worker serves ${shown(unused)}, which systemd has opened: \`bind\` does not name it`)
    if (bind.isDefault || activated.length === 0 || used !== activated) return
    this.#warnOnce(
      `\`bind\` (${bind.addresses.join(', ')}) names none of the sockets that systemd has opened, so ` +
        `these are served instead: ${shown(activated)}`,
    )
  }

  #warnOnce(message: string): void {
    if (!this.#warned.has(message)) this.#options.warn(message)
    this.#warned.add(message)
  }

  #close(listeners: readonly Listener[]): void {
    this.#open = this.#open.filter((listener) => !listeners.includes(listener))
    for (const listener of listeners) {
      const keepFile = this.#isInOther(listener)
      if (keepFile && listener.file) this.#leftFiles.push(listener.file)
      listener.close({ keepFile })
    }
  }

  #isInOther(listener: Listener): boolean {
    return this.areShared && this.#shared.has(listener)
  }
}

function adoptInherited(socket: InheritedSocket, options: ListenOptions): Listener {
  try {
    return adopt(socket, options)
  } catch (error) {
    throw new BindError(explain({ kind: 'fd', fd: socket.fd }, error), { cause: error })
  }
}
