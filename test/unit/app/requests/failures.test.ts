import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, constants, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, test } from 'node:test'
import type { RequestHandler } from '../../../../src/app/model/app.ts'
import { createFailures, cut } from '../../../../src/app/requests/failures.ts'
import { collectReports, get } from '../talk.ts'

const environment = process.env['NODE_ENV']
afterEach(() => {
  if (environment === undefined) delete process.env['NODE_ENV']
  else process.env['NODE_ENV'] = environment
})

const responseTo = async (handler: RequestHandler) => {
  const { errors, report } = collectReports()
  return { text: await get(createFailures(report).guard(handler)), errors }
}

const throwing =
  (error: unknown): RequestHandler =>
  () => {
    throw error
  }

test('a thrown error is a 500 without the error, and is reported unchanged', async () => {
  const error = new Error('secret')
  const { text, errors } = await responseTo(throwing(error))
  assert.match(text, /^HTTP\/1\.1 500 /)
  assert.doesNotMatch(text, /secret/)
  assert.deepEqual(errors, [error])
})

test('the stack is sent to the client only if NODE_ENV is "development"', async () => {
  process.env['NODE_ENV'] = 'development'
  const { text } = await responseTo(throwing(new Error('secret')))
  assert.match(text, /Error: secret<br>/)
})

for (const thrown of [undefined, null, '', 0, 'text', Symbol('sign'), Object.create(null)]) {
  test(
    `a thrown ${typeof thrown} ` +
      `(${thrown === null || typeof thrown === 'object' ? 'no prototype' : String(thrown)}) is a 500 ` +
      'and reported too',
    async () => {
      const { text, errors } = await responseTo(throwing(thrown))
      assert.match(text, /^HTTP\/1\.1 500 /)
      assert.deepEqual(errors, [thrown])
    },
  )
}

test('an error with a 4xx status or statusCode is that response and is not reported', async () => {
  for (const mark of [{ status: 404 }, { statusCode: 404 }]) {
    const { text, errors } = await responseTo(throwing(Object.assign(new Error('gone'), mark)))
    assert.match(text, /^HTTP\/1\.1 404 /)
    assert.deepEqual(errors, [])
  }
})

test('an error with a 5xx status is that response and is reported', async () => {
  const error = Object.assign(new Error('busy'), { status: 503, headers: { 'retry-after': '7' } })
  const { text, errors } = await responseTo(throwing(error))
  assert.match(text, /^HTTP\/1\.1 503 [\s\S]*retry-after: 7\r\n/i)
  assert.deepEqual(errors, [error])
})

test('a status that is not an error status is ignored', async () => {
  for (const status of [200, 302, 600, '404', NaN]) {
    const { text, errors } = await responseTo(throwing(Object.assign(new Error('odd'), { status })))
    assert.match(text, /^HTTP\/1\.1 500 /)
    assert.equal(errors.length, 1)
  }
})

test('a rejected promise or thenable is handled like a thrown error', async () => {
  const error = new Error('later')
  for (const result of [
    Promise.reject(error),
    { then: (_: unknown, reject: (error: Error) => void) => reject(error) },
  ]) {
    const { text, errors } = await responseTo(() => result)
    assert.match(text, /^HTTP\/1\.1 500 /)
    assert.deepEqual(errors, [error])
  }
})

test('an error after the headers closes the connection', async () => {
  const { text, errors } = await responseTo(async (_request, response) => {
    await new Promise((resolve) => response.write('begun', resolve))
    throw new Error('late')
  })
  assert.match(text, /^HTTP\/1\.1 200 [\s\S]*begun/)
  assert.doesNotMatch(text, /\r\n0\r\n\r\n$/)
  assert.equal(errors.length, 1)
})

test('an error after a complete response is reported and does not change the response', async () => {
  const { text, errors } = await responseTo((_request, response) => {
    response.end('whole')
    throw new Error('too late')
  })
  assert.match(text, /^HTTP\/1\.1 200 [\s\S]*whole$/)
  assert.equal(errors.length, 1)
})

test('an error is reported once per request', async () => {
  const { errors, report } = collectReports()
  const failures = createFailures(report)
  const error = new Error('shared')
  const handler = failures.guard((request) => {
    failures.report(error, request)
    throw error
  })
  await get(handler)
  assert.deepEqual(errors, [error])
  await get(handler)
  assert.deepEqual(errors, [error, error])
})

test('an error that is reported without a request is reported each time', () => {
  const { errors, report } = collectReports()
  const failures = createFailures(report)
  failures.report('a')
  failures.report('a')
  assert.deepEqual(errors, ['a', 'a'])
})

test('an error caused by a disconnected client is not reported, another error of the app is', async () => {
  const own = new Error('own')
  const echoes = [
    Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }),
    new DOMException('', 'AbortError'),
  ]
  const upstream = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  const { errors, report } = collectReports()
  const failures = createFailures(report)
  await get((request, response) => {
    request.on('close', () => {
      for (const error of [...echoes, request.errored, own, upstream]) failures.fail(error, request, response)
    })
    request.socket.destroy()
  })
  assert.deepEqual(errors, [own, upstream])
})

test('an error that looks like a disconnect of a connected client is a 500 and is reported', async () => {
  const error = new DOMException('', 'AbortError')
  const { text, errors } = await responseTo(throwing(error))
  assert.match(text, /^HTTP\/1\.1 500 /)
  assert.deepEqual(errors, [error])
})

for (const [status, count] of [
  [422, 0],
  [200, 0],
  [500, 1],
  [503, 1],
] as const) {
  test(
    `an error to which a framework responds with ${status} is reported ` +
      `${count === 0 ? 'not at all' : 'once'}`,
    async () => {
      const { errors, report } = collectReports()
      const failures = createFailures(report)
      await get((request, response) => {
        failures.follow(new Error('followed'), request, response)
        failures.follow(new Error('followed'), request, response)
        response.writeHead(status).end()
      })
      assert.equal(errors.length, count * 2)
    },
  )
}

test('a request without an error creates no promise and returns nothing', async () => {
  let returned: unknown = 'not called'
  const guarded = createFailures(() => undefined).guard((_request, response) => response.end('fine'))
  await get((request, response) => (returned = guarded(request, response)))
  assert.equal(returned, undefined)
})

test('a response of node:http2 that is cut is reset, also when the client has sent all', async (t) => {
  const server = createServer((request, response) => {
    response.write('half', () => cut(response as never)) // what the adapters get from an app with such a server
    request.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const session = connect(`http://127.0.0.1:${port}`)
  t.after(() => {
    session.destroy()
    server.close()
  })
  for (const method of ['GET', 'POST']) {
    const stream = session.request({ ':path': '/', ':method': method })
    stream.on('error', () => undefined) // looked at by its code
    stream.resume().end()
    await new Promise((resolve) => stream.on('close', resolve))
    assert.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR, method)
  }
})
