// A worker asks its own app before it listens: what counts as healthy, how often it asks, and what it says
// when it gives up.

import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { test } from 'node:test'
import { AppBootError } from '../../../../src/config/app/errors.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'
import { checkHealth, healthCheckLimit } from '../../../../src/worker/boot/health-check.ts'
import { Probe } from '../../../../src/serving/requests/probe.ts'

const { settings } = resolveSettings([{ where: 'test', values: { health_check: '/healthz?deep=1' } }], {})

/** Milliseconds from the start of this process: what `within` would be if the worker had been spawned now. */
const limitOf = (within: number): number => performance.now() + within + 250

function check(handle: RequestListener, within = 5000): Promise<void> {
  const probe = new Probe()
  const server = createServer(probe.divide(handle, () => assert.fail('this is no request of a client')))
  return checkHealth({ message: { settings, bootWithin: limitOf(within), trial: 0 }, server, probe })
}

async function whyNot(handle: RequestListener): Promise<string> {
  try {
    await check(handle, 100)
  } catch (error) {
    assert.ok(error instanceof AppBootError)
    return error.message
  }
  return assert.fail('it was healthy')
}

test('the app is asked as by a client on this machine, and 2xx is healthy', async () => {
  const asked: unknown[] = []
  await check((request, response) => {
    const { method, url, headers, socket } = request
    asked.push([method, url, headers.host, headers['user-agent'], socket.remoteAddress])
    response.writeHead(204).end()
  })
  assert.deepEqual(asked, [['GET', '/healthz?deep=1', 'localhost', 'tsgun health_check', '127.0.0.1']])
})

test('the app may do with the connection what it does with a socket', async () => {
  await check((request, response) => {
    request.setTimeout(1000)
    request.socket.setNoDelay(true)
    request.socket.setKeepAlive(true).setTimeout(0).ref().unref()
    assert.ok(request.socket.address())
    response.end('x'.repeat(100_000))
  })
})

test('an app that is not healthy yet is asked again', async () => {
  let asked = 0
  await check((_request, response) => {
    asked += 1
    if (asked === 1) response.destroy()
    else response.writeHead(asked === 2 ? 503 : 200).end()
  })
  assert.equal(asked, 3)
})

test('the reason has the path, the status and the first characters of the response', async () => {
  const why = await whyNot((_request, response) =>
    response.writeHead(503).end('the database\nis away'.padEnd(1000, '!')),
  )
  assert.match(
    why,
    /^health_check: GET \/healthz\?deep=1 answered 503: "the database\\nis away!+"; there was no 2xx for \d\.\d s$/,
  )
  assert.ok(why.length < 320, why)
  assert.match(
    await whyNot((_request, response) => response.writeHead(301).end()),
    /\/healthz\?deep=1 answered 301; there/,
  )
})

test('no response, half a response and a closed connection are reasons too', async () => {
  assert.match(await whyNot(() => undefined), /GET \/healthz\?deep=1 was not answered; /)
  assert.match(await whyNot((_request, response) => void response.write('half')), /was not answered; /)
  assert.match(await whyNot((request) => request.destroy()), /failed: socket hang up; /)
  assert.match(
    await whyNot(
      (_request, response) => void response.writeHead(200).write('half', () => response.destroy()),
    ),
    /answered 200, and broke off: /,
  )
})

test(
  'the app has ten seconds, and less when boot_timeout ends before: then the worker can still say ' + 'why',
  () => {
    assert.equal(healthCheckLimit({ bootWithin: null, trial: 1000 }, 500), 10_000)
    assert.equal(healthCheckLimit({ bootWithin: 60_000, trial: 0 }, 500), 10_000)
    assert.equal(healthCheckLimit({ bootWithin: 5000, trial: 1000 }, 500), 3250)
    assert.equal(healthCheckLimit({ bootWithin: 5000, trial: 0 }, 6000), 0)
  },
)
