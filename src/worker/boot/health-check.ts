// Runs in a worker that has booted, before it listens: requests the path of `health_check` from the app, as a
// client would, until the response is 2xx. A worker whose app never sends one fails to boot.

import { request, type IncomingMessage, type Server } from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { AppBootError } from '../../config/app/errors.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { messageOf } from '../../os/error-message.ts'
import type { Probe } from '../../serving/requests/probe.ts'

export interface HealthCheck {
  readonly message: Pick<BootMessage, 'settings' | 'bootWithin' | 'trial'>
  /** Null: the app has no server of HTTP/1. */
  readonly server: Server | null
  readonly probe: Probe
}

/** Milliseconds for all tries together. */
const longest = 10_000
/** Milliseconds between two tries. */
const interval = 250
/**
 * Milliseconds before the end of boot_timeout at which the worker gives up by itself and reports the reason.
 */
const margin = 250
/** Characters of a response that the reason shows. */
const shown = 200

/** Returns the milliseconds that the app has to become healthy. */
export function healthCheckLimit(
  { bootWithin, trial }: Pick<BootMessage, 'bootWithin' | 'trial'>,
  sinceSpawn: number,
): number {
  return bootWithin === null
    ? longest
    : Math.max(0, Math.min(longest, bootWithin - trial - sinceSpawn - margin))
}

/** Rejects with an AppBootError that has the last response. */
export async function checkHealth({ message, server, probe }: HealthCheck): Promise<void> {
  if (server === null) throw new AppBootError('health_check needs a server of HTTP/1, and the app has none')
  const begin = performance.now() // milliseconds since this process was started
  const giveUpAt = begin + healthCheckLimit(message, begin)
  const path = message.settings.health_check ?? '/'
  for (;;) {
    const problem = await findProblem({ path, server, probe, within: giveUpAt - performance.now() })
    if (problem === undefined) return
    const now = performance.now()
    if (now + interval >= giveUpAt) throw failure(`GET ${path} ${problem}`, now - begin, probe.error)
    await delay(interval)
  }
}

function failure(what: string, took: number, cause: unknown): AppBootError {
  const text = `health_check: ${what}; there was no 2xx for ${(took / 1000).toFixed(1)} s`
  return cause === undefined ? new AppBootError(text) : new AppBootError(text, { cause })
}

interface Try {
  readonly path: string
  readonly server: Server
  readonly probe: Probe
  /** Milliseconds. */
  readonly within: number
}

/** One request. Resolves with what happened instead of a 2xx response. */
function findProblem({ path, server, probe, within }: Try): Promise<string | undefined> {
  const { inside, outside } = probe.connect() // when one end closes, the other does too
  return new Promise<string | undefined>((resolve) => {
    const outgoing = request({
      path,
      headers: { host: 'localhost', 'user-agent': 'tsgun health_check' },
      createConnection: () => outside,
    })
    const timer = setTimeout(() => resolve('was not answered'), Math.max(1, within))
    outgoing.once('response', (response) => void judge(response).then(resolve))
    outgoing.on('error', (error) => resolve(`failed: ${messageOf(error)}`))
    outgoing.once('close', () => clearTimeout(timer))
    // With TLS, that is the event of a connection whose handshake is done.
    server.emit('setSecureContext' in server ? 'secureConnection' : 'connection', inside)
    outgoing.end()
  }).finally(() => outside.destroy())
}

/** A response counts when it is complete. */
async function judge(response: IncomingMessage): Promise<string | undefined> {
  const { statusCode = 0 } = response
  let text = ''
  try {
    for await (const chunk of response.setEncoding('utf8')) if (text.length < shown) text += String(chunk)
  } catch (error) {
    return `answered ${statusCode}, and broke off: ${messageOf(error)}`
  }
  if (statusCode >= 200 && statusCode < 300) return undefined
  return `answered ${statusCode}${text === '' ? '' : `: ${JSON.stringify(text.slice(0, shown))}`}`
}
