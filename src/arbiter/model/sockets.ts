// Runs in the arbiter: which sockets of a generation a worker has. Pure.

import type { Listener } from '../../listen/listener.ts'
import { noSlots } from '../../listen/slot-sockets.ts'
import type { Generation } from './generation.ts'

type Sockets = Pick<Generation, 'listeners' | 'slots'>

/** Those of a generation whose sockets are not open yet. */
export function noSockets(): Sockets {
  return { listeners: [], slots: noSlots() }
}

/** Those of all workers, then those of the slots. */
export function allSockets({ listeners, slots }: Sockets): readonly Listener[] {
  return [...listeners, ...slots.all()]
}

/**
 * Whether the sockets of a slot stay. Without any worker (WINCH) connections wait in all sockets for the next
 * one.
 */
export function keepsSlot(nr: number, target: number): boolean {
  return nr < target || target === 0
}

/** Those of the app and of the services. */
export function socketsOfServer(generation: Sockets & Pick<Generation, 'services'>): readonly Listener[] {
  return [generation, ...generation.services].flatMap(allSockets)
}

/** Those that the worker of a slot inherits. */
export function socketsOfSlot({ listeners, slots }: Sockets, nr: number): readonly Listener[] {
  return [...listeners, ...slots.of(nr)]
}
