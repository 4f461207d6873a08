// The corpus of HTTP/1 through real proxies that keep one connection to the server: proxy and server agree on
// how many requests there are. Otherwise the next client would get a response that is not its own.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { corpus } from '../corpora/http1.ts'
import { ask } from '../helpers/http.ts'
import { freePort, lacks, nginxConfig, startProxy, type ProxyKind } from '../helpers/real-proxy.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

/** Each response has the number of complete requests that the app has got so far. */
const app = `let calls = 0
export default (req, res) => {
  req.on('error', () => undefined).resume()
  req.on('end', () => {
    calls += 1
    res.setHeader('x-calls', String(calls))
    res.end(req.url)
  })
}\n`

interface Ports {
  readonly front: number
  readonly server: number
}

const configs: Readonly<Record<ProxyKind, (ports: Ports) => string>> = {
  nginx: ({ front, server }) =>
    nginxConfig(`upstream app { server 127.0.0.1:${server}; keepalive 1; }
server { listen 127.0.0.1:${front};
  location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; }
}`),
  // a request waits for the one connection longer than a silent one before it may hold that connection
  haproxy: ({ front, server }) => `defaults
  mode http
  timeout connect 60s
  timeout queue 60s
  timeout client 60s
  timeout server 5s
  http-reuse always
listen app
  bind 127.0.0.1:${front}
  server one 127.0.0.1:${server} maxconn 1\n`,
  caddy: ({ front, server }) => `{
  admin off
  auto_https off
}
http://:${front} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${server} {
    transport http {
      max_conns_per_host 1
    }
  }
}\n`,
}

/** Milliseconds without a byte: of a response that has begun, and of none. */
const [quiet, longest] = [20, 150]

/** Resolves with what has come back when nothing more comes. */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let received = ''
    const end = (): void => void socket.destroy()
    let timer = setTimeout(end, longest)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      clearTimeout(timer)
      timer = setTimeout(end, quiet)
    })
    socket.on('error', () => undefined) // `close` follows
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(received)
    })
    socket.on('connect', () => socket.write(text, 'latin1'))
  })
}

const callsIn = (text: string): readonly number[] =>
  [...text.matchAll(/\r\nx-calls: (\d+)\r\n/gi)].map((match) => Number(match[1]))

async function agree(t: TestContext, kind: ProxyKind): Promise<void> {
  const reason = lacks(kind)
  if (reason !== false) return t.skip(reason)
  const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: 1,
    keepalive: 60, graceful_timeout: 1 }\n`
  const server = await startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
  const front = await freePort()
  const url = `http://127.0.0.1:${front}`
  await startProxy(server.project, kind, {
    config: configs[kind]({ front, server: Number(new URL(server.url).port) }),
    url,
  })
  let calls = 0
  let passed = 0
  for (const [index, { name, request }] of corpus.entries()) {
    const seen = callsIn(await send(front, request))
    const next = await ask(url, `/next-${index}`)
    assert.deepEqual([next.status, next.body], [200, `/next-${index}`], `the response after "${name}"`)
    const total = Number(next.headers['x-calls'])
    assert.equal(total, calls + seen.length + 1, `requests of "${name}": ${JSON.stringify(request)}`)
    if (seen.length > 0) passed += 1
    calls = total
  }
  t.diagnostic(`${passed} of ${corpus.length} requests have passed the proxy`)
  assert.ok(passed > 50)
  await server.stop()
}

for (const kind of Object.keys(configs) as ProxyKind[])
  // the keys of the table
  test(`${kind} and the server agree on the number of requests`, (t) => agree(t, kind))
