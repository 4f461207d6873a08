// Connections that stay open, and how many of them each worker has. For an app that responds with the number
// of its worker.

import { setTimeout as delay } from 'node:timers/promises'
import type { Socket } from 'node:net'
import { connectTo } from './http.ts'

/** Responds with the slot of its worker: after 50 ms to `/slow`, after ten blocked seconds to `/block`. */
export const slotApp = `import { setTimeout as delay } from 'node:timers/promises'
export default async (req, res) => {
  const until = performance.now() + (req.url === '/block' ? 10_000 : 0)
  if (req.url === '/block') console.log('blocks')
  while (performance.now() < until);
  if (req.url === '/slow') await delay(50)
  res.end('slot=' + process.env.TSGUN_WORKER_NR + ';')
}\n`

/** The ways in which connections come. */
export const ways = ['one by one', 'spaced', 'at once'] as const

/** Milliseconds between two connections that are spaced. */
const space = 10

interface Kept {
  readonly socket: Socket
  readonly slot: string
}

export class KeptConnections {
  readonly #url: string
  #open: readonly Kept[] = []

  constructor(url: string) {
    this.#url = url
  }

  async open(count: number, way: (typeof ways)[number]): Promise<void> {
    const opening: Promise<Kept>[] = []
    for (let nr = 0; nr < count; nr += 1) {
      opening.push(this.#connect())
      if (way === 'one by one') await opening.at(-1)
      if (way === 'spaced') await delay(space)
    }
    this.#open = [...this.#open, ...(await Promise.all(opening))]
  }

  /** How many connections each worker has that has one. */
  bySlot(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { slot } of this.#open) counts.set(slot, (counts.get(slot) ?? 0) + 1)
    return counts
  }

  /** The most that a worker has, divided by the mean. */
  unevenness(workers: number): number {
    return (Math.max(...this.bySlot().values()) * workers) / this.#open.length
  }

  close(): void {
    for (const { socket } of this.#open) socket.destroy()
    this.#open = []
  }

  #connect(): Promise<Kept> {
    const socket = connectTo(this.#url)
    return new Promise((resolve, reject) => {
      let text = ''
      socket.on('data', (bytes: Buffer) => {
        text += bytes.toString()
        const slot = /slot=(\d+);/.exec(text)?.[1]
        if (slot !== undefined) resolve({ socket, slot })
      })
      socket.once('error', reject)
      socket.once('close', () => {
        this.#open = this.#open.filter((kept) => kept.socket !== socket)
        reject(new Error(`closed before a response: ${text}`))
      })
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    })
  }
}
