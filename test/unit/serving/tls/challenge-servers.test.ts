import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import tls from 'node:tls'
import { TlsTermination } from '../../../../src/serving/tls/termination.ts'
import type { AcmeChallenge } from '../../../../src/tls/material.ts'
import { Authority, type Issued } from '../../../helpers/certificates.ts'

interface World {
  readonly termination: TlsTermination
  /** Resolves with the name in the certificate and the protocol, or with the error. */
  shown(servername: string, protocols?: readonly string[]): Promise<string>
  readonly challenge: AcmeChallenge
  readonly served: string[]
}

const textOf = ({ certfile, keyfile }: Issued): { readonly cert: string; readonly key: string } => ({
  cert: readFileSync(certfile, 'utf8'),
  key: readFileSync(keyfile, 'utf8'),
})

async function world(t: TestContext): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-challenge-test-'))
  const authority = new Authority(directory)
  const own = textOf(authority.issue({ names: ['own.example'], subject: '/CN=own' }))
  const termination = await TlsTermination.create({
    tls: {
      material: {
        certificates: [{ names: ['own.example'], cert: [own.cert], key: [own.key] }],
        ca: undefined,
      },
      ticketKeys: randomBytes(48).toString('base64'),
    },
    modes: { cert_reqs: 'none', ciphers: null, tls_min_version: 'TLSv1.2' },
    protocols: ['h1'],
    logsFacts: false,
    sockets: [true],
    customise: (options) => Promise.resolve(options),
    handshakeTimeout: 5000,
    onFailure: undefined,
  })
  const served: string[] = []
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    termination.accept(socket, {
      onSecure: (secure) => {
        served.push('app')
        secure.end()
      },
      onPlain: () => assert.fail('plain'),
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  t.after(() => {
    server.close()
    rmSync(directory, { recursive: true })
  })
  const shown: World['shown'] = (servername, protocols = []) =>
    new Promise((resolve) => {
      const found: { text: string } = { text: '' }
      const client = tls.connect({
        port,
        host: '127.0.0.1',
        servername,
        rejectUnauthorized: false,
        ALPNProtocols: [...protocols],
      })
      client.on('secureConnect', () => {
        const name = client.getPeerX509Certificate()?.subject.replace('CN=', '') ?? ''
        found.text = [name, client.alpnProtocol || 'none'].join(' ')
      })
      client.on('error', (error) => (found.text ||= error.message))
      client.on('close', () => resolve(found.text))
      client.resume()
    })
  const name = 'new.example'
  const { cert, key } = textOf(authority.issue({ names: [name], subject: '/CN=challenge' }))
  return { termination, shown, served, challenge: { type: 'tls-alpn-01', name, cert, key } }
}

test('only an authority that asks for the name sees the challenge, and nothing is served to it', async (t) => {
  const { termination, shown, challenge, served } = await world(t)
  assert.match(await shown('new.example', ['acme-tls/1']), /no application protocol|alert/i)
  termination.answer([challenge])
  assert.equal(await shown('new.example', ['acme-tls/1']), 'challenge acme-tls/1')
  assert.deepEqual(served, [])
  for (const [servername, protocols, expected] of [
    ['new.example', ['http/1.1'], 'own http/1.1'],
    ['new.example', ['http/1.1', 'acme-tls/1'], 'own http/1.1'],
    ['own.example', ['http/1.1'], 'own http/1.1'],
    ['own.example', [], 'own none'],
  ] as const)
    assert.equal(await shown(servername, protocols), expected)
  assert.match(await shown('own.example', ['acme-tls/1']), /no application protocol|alert/i)
  assert.equal(served.length, 4)
  termination.answer([{ type: 'http-01', token: 'a', response: 'b' }])
  assert.match(await shown('new.example', ['acme-tls/1']), /no application protocol|alert/i)
})
