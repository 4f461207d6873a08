// Clients that send HTTPS requests all the time over connections that they keep. They never retry: a failed
// request, and a connection that the server closes, are counted.

import https, { Agent } from 'node:https'
import { readFileSync } from 'node:fs'
import type { TLSSocket } from 'node:tls'
import type { Authority } from './certificates.ts'

export class SecureLoad {
  readonly failures: string[] = []
  responses = 0
  /** Connections that were opened. */
  opened = 0
  readonly #loops: Promise<void>[]
  readonly #agents: Agent[] = []
  #stopped = false

  constructor(url: string, authority: Authority, clients = 4) {
    this.#loops = Array.from({ length: clients }, () => this.#run(url, authority))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#loops)
    for (const agent of this.#agents) agent.destroy()
  }

  async #run(url: string, authority: Authority): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(authority.certfile) })
    this.#agents.push(agent)
    const seen = new WeakSet<TLSSocket>()
    while (!this.#stopped) {
      try {
        const socket = await this.#request(url, agent)
        if (!seen.has(socket)) this.opened += 1
        seen.add(socket)
        this.responses += 1
      } catch (error) {
        this.failures.push(String(error))
      }
    }
  }

  #request(url: string, agent: Agent): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const request = https.get(url, { agent }, (response) => {
        const socket = response.socket as TLSSocket // of an https request
        response.on('error', reject)
        response.on('end', () => {
          if (response.statusCode === 200) resolve(socket)
          else reject(new Error(`status ${response.statusCode}`))
        })
        response.resume()
      })
      request.on('error', reject)
    })
  }
}
