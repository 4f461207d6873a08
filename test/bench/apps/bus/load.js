// What the benchmark of the bus sends and measures, over any carrier { publish(topic, data), subscribe(topic,
// handler) }: one publisher, four subscribers, messages of about 200 bytes.

import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'

const subscribers = 4
/** Messages that may be on their way, so that none is dropped. */
const window = 8000
const text = 'x'.repeat(150)

const now = () => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

/** `nr`: of this subscriber. */
export async function subscribe(carrier, nr) {
  let count = 0
  let times = []
  await carrier.subscribe('load', ({ at }) => {
    times.push(now() - at)
    count += 1
    if (count % 200 === 0) carrier.publish('ack', { nr, count })
  })
  await carrier.subscribe('begin', () => {
    count = 0
    times = []
    carrier.publish('ack', { nr, count })
  })
  await carrier.subscribe('collect', () => {
    times.sort((one, other) => one - other)
    carrier.publish('collected', { p99: times[Math.floor(times.length * 0.99)] })
  })
}

/** Returns what measures: messages per second at most, and the p99 in milliseconds at a rate. */
export async function publisher(carrier) {
  const acks = new Map()
  let collected = []
  await carrier.subscribe('ack', ({ nr, count }) => acks.set(nr, count))
  await carrier.subscribe('collected', ({ p99 }) => collected.push(p99))
  const begin = async () => {
    acks.clear()
    carrier.publish('begin', {})
    while (acks.size < subscribers) await delay(5)
  }
  const send = (messages) => {
    for (let nr = 0; nr < messages; nr += 1) carrier.publish('load', { at: now(), nr, text })
    return messages
  }
  return {
    async rate(seconds) {
      await begin()
      const began = performance.now()
      let sent = 0
      while (performance.now() - began < seconds * 1000) {
        if (sent - Math.min(...acks.values()) < window) sent += send(200)
        await turn()
      }
      return { perSecond: (Math.min(...acks.values()) * 1000) / (performance.now() - began) }
    },
    async latency(perSecond, seconds) {
      await begin()
      const began = performance.now()
      for (let sent = 0; sent < perSecond * seconds; await delay(1))
        sent += send(Math.floor(((performance.now() - began) / 1000) * perSecond) - sent)
      await delay(500)
      collected = []
      carrier.publish('collect', {})
      while (collected.length < subscribers) await delay(5)
      return { p99: Math.max(...collected) }
    },
  }
}

/** `/rate?seconds=3`, `/latency?rate=5000&seconds=3` */
export function measure(made, url) {
  const { pathname, searchParams } = new URL(url, 'http://bench')
  const seconds = Number(searchParams.get('seconds'))
  return pathname === '/rate' ? made.rate(seconds) : made.latency(Number(searchParams.get('rate')), seconds)
}
