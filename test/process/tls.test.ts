// TLS: what is served on which address, to which clients, and what a start refuses.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Authority, type Issued } from '../helpers/certificates.ts'
import { ask, sendRaw } from '../helpers/http.ts'
import { askSecurely, connectSecurely } from '../helpers/https.ts'
import { noOtherUser, openToAll } from '../helpers/identity.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'

const app = `export default (req, res) => res.end(String(req.socket.encrypted) + ' ' + req.url)\n`

interface Secured {
  readonly project: Project
  readonly authority: Authority
  readonly issued: Issued
}

/** A project with a certificate in `tls.pem` and `tls.key`. */
function secured(t: TestContext, settings: string, files: Readonly<Record<string, string>> = {}): Secured {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': `export default { app: './app.js', ${settings} }\n`,
    ...files,
  })
  const authority = new Authority(project.directory)
  const issued = authority.issue()
  place(project, issued)
  return { project, authority, issued }
}

function place(project: Project, { chainfile, keyfile }: Issued): void {
  copyFileSync(chainfile, project.path('tls.pem'))
  copyFileSync(keyfile, project.path('tls.key'))
  chmodSync(project.path('tls.key'), 0o600)
}

const pair = `certfile: 'tls.pem', keyfile: 'tls.key'`

test('with a certificate each address speaks HTTPS, unless it begins with http://', async (t) => {
  const { project, authority } = secured(
    t,
    `${pair}, bind: ['127.0.0.1:0', 'http://127.0.0.1:0', 'https://127.0.0.1:0', 'https+unix:s.sock', 'http+unix:p.sock'],
     workers: 2, accesslog: 'access.log', access_log_format: 'json'`,
  )
  const server = await startServer(project)
  const [first = '', plain = '', third = '', unix = '', plainUnix = ''] = server.listeners
  assert.match(
    server.stderr,
    /listening at https:\/\/127\.0\.0\.1:\d+ .*, http:\/\/127\.0\.0\.1:\d+ .*, https:/,
  )
  assert.deepEqual(
    [first, plain, third].map((url) => url.replace(/:\d+$/, '')),
    ['https://127.0.0.1', 'http://127.0.0.1', 'https://127.0.0.1'],
  )
  assert.deepEqual(
    [unix, plainUnix],
    [`https+unix:${project.path('s.sock')}`, `unix:${project.path('p.sock')}`],
  )
  for (const [number, url] of [first, third, unix].entries()) {
    const { status, body, protocol } = await askSecurely(url, authority, { path: `/${number}` })
    assert.deepEqual([status, body, protocol], [200, `true /${number}`, 'TLSv1.3'])
  }
  for (const url of [plain, plainUnix]) assert.equal((await ask(url, '/plain')).body, 'undefined /plain')
  await server.until('five access lines', () => recordsOf(project, 'access.log').length === 5)
  await server.stop()
})

test('a real curl and openssl verify the certificate, with TLS 1.2 and 1.3', async (t) => {
  const { project, authority, issued } = secured(t, `${pair}, bind: 'https://127.0.0.1:0', workers: 1`)
  const server = await startServer(project)
  for (const version of ['--tls-max', '--tlsv1.3'] as const) {
    const words = version === '--tls-max' ? [version, '1.2'] : [version]
    const curl = ['-sS', '--cacert', authority.certfile, ...words, `${server.url}/curl`]
    assert.equal(execFileSync('curl', curl, { encoding: 'utf8' }), 'true /curl')
  }
  for (const words of [['--http1.0'], ['--http2']])
    // what they offer by ALPN differs
    assert.equal(
      execFileSync('curl', ['-sS', '--cacert', authority.certfile, ...words, `${server.url}/`], {
        encoding: 'utf8',
      }),
      'true /',
    )
  const shown = execFileSync(
    'openssl',
    [
      's_client',
      '-connect',
      server.url.slice('https://'.length),
      '-CAfile',
      authority.certfile,
      '-verify_return_error',
    ],
    { encoding: 'utf8', input: '', stdio: ['pipe', 'pipe', 'ignore'] },
  )
  assert.match(shown, /Verify return code: 0 \(ok\)/)
  const [served = ''] = /-----BEGIN[^]*?-----END CERTIFICATE-----/.exec(shown) ?? []
  assert.equal(
    new X509Certificate(served).fingerprint256,
    new X509Certificate(readFileSync(issued.certfile)).fingerprint256,
  )
  await server.stop()
})

test('the intermediate certificates of the file are sent', async (t) => {
  const { project, authority: root } = secured(t, `${pair}, bind: 'https://127.0.0.1:0', workers: 1`)
  place(project, new Authority(project.directory, 'intermediate', root).issue())
  const server = await startServer(project)
  assert.equal((await askSecurely(server.url, root)).status, 200) // it only knows the root
  assert.doesNotMatch(server.stderr, /WARN/)
  await server.stop()
})

test('certfile may contain the key, and the flags are those of gunicorn', async (t) => {
  const { project, authority, issued } = secured(t, '')
  writeFileSync(
    project.path('both.pem'),
    readFileSync(issued.chainfile, 'utf8') + readFileSync(issued.keyfile, 'utf8'),
    {
      mode: 0o600,
    },
  )
  const words = [
    '--certfile',
    'both.pem',
    '-b',
    '127.0.0.1:0',
    '--ciphers',
    'ECDHE+AESGCM',
    '--tls-min-version',
    'TLSv1.3',
  ]
  const server = await startServer(project, { arguments: words })
  assert.equal((await askSecurely(server.url, authority)).protocol, 'TLSv1.3')
  await assert.rejects(
    askSecurely(server.url, authority, { maxVersion: 'TLSv1.2' }),
    /alert protocol version/,
  )
  await server.stop()
})

test('each name has its certificate; an unknown one, and none, get the first', async (t) => {
  const { project, authority } = secured(
    t,
    `certfile: ['tls.pem', 'a.pem', 'rsa.pem'], keyfile: ['tls.key', 'a.key', 'rsa.key'], bind: 'https://127.0.0.1:0', workers: 1`,
  )
  const named = authority.issue({ names: ['a.example', '*.wild.example'] })
  const rsa = authority.issue({ names: ['*.wild.example', 'a.example'], kind: 'rsa' })
  for (const [name, issued] of [
    ['a', named],
    ['rsa', rsa],
  ] as const) {
    copyFileSync(issued.chainfile, project.path(`${name}.pem`))
    copyFileSync(issued.keyfile, project.path(`${name}.key`))
    chmodSync(project.path(`${name}.key`), 0o600)
  }
  const server = await startServer(project)
  const serialOf = (file: string): string =>
    new X509Certificate(readFileSync(project.path(file))).serialNumber
  const noCheck = { checkServerIdentity: () => undefined }
  const shown = async (servername: string, more: object = {}): Promise<string> =>
    (await askSecurely(server.url, authority, { servername, ...noCheck, ...more })).serial
  assert.equal(await shown('A.Example'), serialOf('a.pem'))
  assert.equal(await shown('b.wild.example'), serialOf('a.pem'))
  assert.equal(await shown('b.c.wild.example'), serialOf('tls.pem'))
  assert.equal(await shown('unknown.example'), serialOf('tls.pem'))
  assert.equal(await shown(''), serialOf('tls.pem'))
  // A client that only knows RSA gets the other certificate of the same names.
  const onlyRsa = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }
  assert.equal(await shown('a.example', onlyRsa), serialOf('rsa.pem'))
  await server.stop()
})

test('plain HTTP on an address with TLS gets a 400 that says so, and an access line', async (t) => {
  const { project, authority } = secured(
    t,
    `${pair}, bind: 'https://127.0.0.1:0', workers: 1, accesslog: 'access.log', access_log_format: 'json'`,
  )
  const server = await startServer(project)
  const plain = server.url.replace('https:', 'http:')
  for (const method of ['GET', 'DELETE', 'post']) {
    const response = await sendRaw(plain, `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
    assert.match(response, /^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n[^]*use https:\/\/\n$/)
  }
  // A byte at a time, with a body that is never read.
  const socket = net.connect(Number(new URL(plain).port), '127.0.0.1')
  socket.write('P')
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 400 /)
  socket.destroy()
  await server.until('four lines', () => recordsOf(project, 'access.log').length === 4)
  for (const line of recordsOf<{ status: number; outcome: string; remote_addr: string }>(
    project,
    'access.log',
  ))
    assert.deepEqual([line.status, line.outcome, line.remote_addr], [400, 'invalid', '127.0.0.1'])
  assert.equal((await askSecurely(server.url, authority)).status, 200)
  await server.stop()
})

test('failed handshakes have no access line, and records at debug that say why', async (t) => {
  const { project, authority } = secured(
    t,
    `${pair}, bind: 'https://127.0.0.1:0', workers: 1, loglevel: 'debug', accesslog: 'access.log'`,
  )
  const server = await startServer(project)
  assert.equal(spawnSync('curl', ['-s', `${server.url}/`]).status, 60) // it does not know the authority
  await server.says(
    /DEBUG.*TLS: the handshake of 127\.0\.0\.1 failed: the client does not trust the certificate/,
  )
  await sendRaw(server.url.replace('https', 'http'), '\x80garbage')
  await server.says(/TLS: the handshake of 127\.0\.0\.1 failed: what the client sends is not TLS/)
  await sendRaw(server.url.replace('https', 'http'), '\x16\x03\x01\x00\x05hello')
  await server.says(/TLS: the handshake of/, 3)
  const vanishing = net.connect(Number(new URL(server.url).port), '127.0.0.1')
  vanishing.write('\x16')
  await once(vanishing, 'connect')
  vanishing.resetAndDestroy()
  await server.says(/failed: the client has closed the connection/)
  assert.equal((await askSecurely(server.url, authority)).status, 200)
  await server.stop()
  assert.equal(project.read('access.log').split('\n').length, 2)
})

test('a stop ends connections in their handshake, and lets secure requests finish', async (t) => {
  const { project, authority } = secured(
    t,
    `${pair}, bind: 'https://127.0.0.1:0', workers: 1, graceful_timeout: 20`,
    {
      'app.js': `export default (req, res) => { console.log('begun'); setTimeout(() => res.end('slow'), 700) }\n`,
    },
  )
  const server = await startServer(project)
  const silent = net.connect(Number(new URL(server.url).port), '127.0.0.1')
  const half = net.connect(Number(new URL(server.url).port), '127.0.0.1')
  half.write('\x16\x03')
  const idle = await connectSecurely(server.url, authority)
  const response = askSecurely(server.url, authority)
  await server.says(/begun/)
  const closed = Promise.all([silent, half, idle].map((socket) => once(socket.resume(), 'close')))
  server.signal('SIGTERM')
  const { status, headers, body } = await response
  assert.deepEqual([status, headers.connection, body], [200, 'close', 'slow'])
  await closed
  await server.stop()
})

test('apps of each kind are served with TLS: a program, an http.Server, https.Server, net.Server', async (t) => {
  const kinds = {
    'program.js': `import { createServer } from 'node:http'
      createServer((req, res) => res.end('program ' + req.socket.encrypted)).listen(process.env.PORT)\n`,
    'http.js': `import { createServer } from 'node:http'
      export default createServer((req, res) => res.end('http ' + req.socket.encrypted))\n`,
    'https.js': `import { createServer } from 'node:https'
      export default createServer((req, res) => res.end('https ' + req.socket.encrypted))\n`,
    'fetch.js': `export default { fetch: (request) => new Response('fetch ' + new URL(request.url).protocol) }\n`,
  }
  const { project, authority } = secured(t, '', kinds)
  for (const [file, body] of [
    ['program.js', 'program true'],
    ['http.js', 'http true'],
    ['https.js', 'https true'],
    ['fetch.js', 'fetch https:'],
  ] as const) {
    const words = [
      `./${file}`,
      '--certfile',
      'tls.pem',
      '--keyfile',
      'tls.key',
      '-b',
      '127.0.0.1:0',
      '-w',
      '1',
    ]
    const server = await startServer(project, { arguments: words })
    assert.equal((await askSecurely(server.url, authority)).body, body)
    await server.stop()
  }
})

interface Refusal {
  readonly name: string
  readonly settings?: string
  readonly spoil: (made: Secured) => void
  readonly says: RegExp
}

const refusals: readonly Refusal[] = [
  {
    name: 'a file that does not exist',
    settings: `certfile: 'nowhere.pem', keyfile: 'tls.key'`,
    spoil: () => undefined,
    says: /^server\.config\.js: certfile: \/.*\/nowhere\.pem cannot be read: it does not exist$/,
  },
  {
    name: 'a link of certbot that leads nowhere',
    settings: `certfile: 'live/fullchain.pem', keyfile: 'tls.key'`,
    spoil({ project }) {
      mkdirSync(project.path('live'))
      symlinkSync('../archive/fullchain2.pem', project.path('live/fullchain.pem'))
    },
    says: /certfile: \/.*fullchain\.pem cannot be read: it is a link to \.\.\/archive\/fullchain2\.pem, which does not exist$/,
  },
  {
    name: 'a directory',
    settings: `certfile: '.', keyfile: 'tls.key'`,
    spoil: () => undefined,
    says: /certfile: \/.* cannot be read: it is a directory$/,
  },
  {
    name: 'the key of another certificate',
    spoil: ({ project, authority }) => copyFileSync(authority.issue().keyfile, project.path('tls.key')),
    says: /certfile: \/.*\/tls\.pem does not belong to the key \/.*\/tls\.key; /,
  },
  {
    name: 'a chain in the wrong order',
    spoil({ project, authority, issued }) {
      const [leaf, root] = [issued.certfile, authority.certfile].map((file) => readFileSync(file, 'utf8'))
      project.write('tls.pem', `${root}${leaf}`)
    },
    says: /certfile: \/.*\/tls\.pem has the certificate of the key at place 2; put the certificate of the server first/,
  },
  {
    name: 'an expired certificate',
    spoil: ({ project, authority }) => place(project, authority.issue({ days: -1 })),
    says: /certfile: \/.*\/tls\.pem has expired: it was valid until \d{4}-\d\d-\d\d \d\d:\d\d UTC; renew it$/,
  },
  {
    name: 'a certificate that is not valid yet',
    spoil: ({ project, authority }) => place(project, authority.issue({ from: '20400101000000Z' })),
    says: /certfile: \/.*\/tls\.pem is not valid yet: it is valid from 2040-01-01 00:00 UTC, and the clock/,
  },
  {
    name: 'a key with a passphrase',
    spoil: ({ project, authority, issued }) =>
      copyFileSync(authority.encrypt(issued), project.path('tls.key')),
    says: /keyfile: \/.*\/tls\.key is protected by a passphrase, which a server cannot type; .*openssl pkey/,
  },
  {
    name: 'files that are exchanged',
    settings: `certfile: 'tls.key', keyfile: 'tls.pem'`,
    spoil: () => undefined,
    says: /certfile: \/.*\/tls\.key has no certificate: it holds a private key\n.*keyfile: \/.*\/tls\.pem has no private key: it holds certificates$/,
  },
  {
    name: 'DER',
    spoil: ({ project, issued }) =>
      writeFileSync(project.path('tls.pem'), new X509Certificate(readFileSync(issued.certfile)).raw),
    says: /certfile: \/.*\/tls\.pem has no certificate: it is binary \(DER or PKCS #12\); convert it: openssl x509/,
  },
  {
    name: 'a certificate that is cut off',
    spoil: ({ project }) => project.write('tls.pem', project.read('tls.pem').slice(0, 300)),
    says: /certfile: \/.*\/tls\.pem has no certificate: its PEM is cut off or damaged$/,
  },
  {
    name: 'a damaged certificate',
    spoil: ({ project }) => project.write('tls.pem', project.read('tls.pem').replace(/\n....../, '\nAAAAAA')),
    says: /certfile: \/.*\/tls\.pem certificate 1 in it is damaged: /,
  },
  {
    name: 'no key in the file',
    settings: `certfile: 'tls.pem'`,
    spoil: () => undefined,
    says: /keyfile: \/.*\/tls\.pem has no private key; name the file of the key in `keyfile`$/,
  },
  {
    name: 'a cipher list that OpenSSL does not know',
    settings: `${pair}, ciphers: 'BEST'`,
    spoil: () => undefined,
    says: /ciphers: expected a cipher list of OpenSSL; got "BEST": .*; `openssl ciphers -v` lists them$/,
  },
  {
    name: 'authorities that are none',
    settings: `${pair}, cert_reqs: 'required', ca_certs: 'tls.key'`,
    spoil: () => undefined,
    says: /ca_certs: \/.*\/tls\.key has no certificate: it holds a private key$/,
  },
]

for (const { name, settings = pair, spoil, says } of refusals) {
  test(`a start and --check-config refuse ${name} with exit code 1`, async (t) => {
    const made = secured(t, `${settings}, bind: 'https://127.0.0.1:0'`)
    spoil(made)
    for (const words of [[], ['--check-config']]) {
      const start = launch(made.project, { arguments: words })
      assert.deepEqual(await start.exit(), { code: 1, signal: null })
      assert.match(start.stderr.trim(), says)
      assert.doesNotMatch(start.stderr, /\n {4}at |BEGIN/)
    }
  })
}

test('conflicts between the settings of TLS are reported together', async (t) => {
  const { project } = secured(
    t,
    `bind: 'https://:8443', keyfile: 'tls.key', cert_reqs: 2, tls_min_version: 'SSLv3'`,
  )
  const start = launch(project)
  assert.deepEqual(await start.exit(), { code: 1, signal: null })
  for (const each of [
    /^server\.config\.js: bind: expected `certfile` or `acme` to be set too, because "https:\/\/:8443" needs a certificate$/m,
    /^server\.config\.js: keyfile: expected `certfile` to be set too: the certificate of this key$/m,
    /^server\.config\.js: cert_reqs: expected `ca_certs` to be set too/m,
    /^server\.config\.js: tls_min_version: expected "TLSv1", "TLSv1\.1", "TLSv1\.2" or "TLSv1\.3"; got "SSLv3"/m,
  ])
    assert.match(start.stderr, each)
})

test('a start warns of a certificate that expires soon, and of a key that all may read', async (t) => {
  const { project, authority } = secured(t, `${pair}, bind: 'https://127.0.0.1:0', workers: 1`)
  place(project, authority.issue({ days: 10 }))
  chmodSync(project.path('tls.key'), 0o644)
  const server = await startServer(project)
  assert.match(server.stderr, /WARN.*the certificate \/.*\/tls\.pem expires in 9 days \(.* UTC\); renew it/)
  assert.match(
    server.stderr,
    /WARN.*every user of this machine may read the private key \/.*\/tls\.key; chmod 600/,
  )
  await server.stop()
  const check = launch(project, { arguments: ['--check-config'] })
  assert.deepEqual(await check.exit(), { code: 0, signal: null })
  assert.match(check.stdout, /^warning: the certificate \/.*\/tls\.pem expires in 9 days/m)
})

test(
  'the master reads the key as root, and workers serve without a right to it',
  { skip: noOtherUser },
  async (t) => {
    const { project, authority } = secured(
      t,
      `${pair}, bind: 'https://127.0.0.1:0', workers: 1, user: 'nobody'`,
      {
        'app.js': `import { readFileSync } from 'node:fs'
    let key
    try { key = readFileSync('tls.key', 'utf8') } catch (error) { key = error.code }
    export default (req, res) => res.end(process.getuid() + ' ' + key)\n`,
      },
    )
    openToAll(project)
    chmodSync(project.path('app.js'), 0o644)
    const server = await startServer(project)
    assert.match((await askSecurely(server.url, authority)).body, /^\d+ EACCES$/)
    await server.stop()
  },
)

test(
  'a user who may not read the key is named, with the directory that stops it',
  { skip: noOtherUser },
  async (t) => {
    const { project } = secured(
      t,
      `certfile: 'tls.pem', keyfile: 'private/tls.key', bind: 'https://127.0.0.1:0'`,
    )
    openToAll(project)
    mkdirSync(project.path('private'), { mode: 0o700 })
    copyFileSync(project.path('tls.key'), project.path('private/tls.key'))
    const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
    const start = launch(project, { user: { uid, gid: uid } })
    assert.deepEqual(await start.exit(), { code: 1, signal: null })
    assert.match(
      start.stderr,
      /keyfile: \/.*\/private\/tls\.key cannot be read: permission denied: the user nobody may not enter the directory \/.*\/private$/m,
    )
  },
)

test('neither logs nor --print-config nor the environment of a worker have the key', async (t) => {
  const { project, authority } = secured(
    t,
    `${pair}, bind: 'https://127.0.0.1:0', workers: 1, loglevel: 'debug'`,
    {
      'app.js': `import { readFileSync } from 'node:fs'
    process.on('message', (message) => console.log(JSON.stringify(message)))
    export default (req, res) => res.end(readFileSync('/proc/self/environ', 'utf8') + JSON.stringify(process.env))\n`,
    },
  )
  const server = await startServer(project)
  const key = /KEY-----\n(.{40})/.exec(readFileSync(project.path('tls.key'), 'utf8'))?.[1] ?? assert.fail()
  const { body } = await askSecurely(server.url, authority)
  place(project, authority.issue())
  await server.says(/TLS: new certificates are served/)
  const print = launch(project, { arguments: ['--print-config'] })
  await print.exit()
  const second = /KEY-----\n(.{40})/.exec(readFileSync(project.path('tls.key'), 'utf8'))?.[1] ?? assert.fail()
  await server.says(/"type":"certificates"/)
  for (const text of [body, server.report(), print.stdout]) {
    assert.ok(!text.includes(key) && !text.includes(second), text)
    assert.doesNotMatch(text, /PRIVATE KEY/)
  }
  await server.stop()
})

test('a key in the config itself, instead of its path, is refused without showing it', async (t) => {
  const { project } = secured(t, '')
  const text = readFileSync(join(project.directory, 'tls.key'), 'utf8')
  project.write(
    'server.config.js',
    `export default { app: './app.js', certfile: 'tls.pem', keyfile: ${JSON.stringify(text)} }\n`,
  )
  const start = launch(project)
  assert.deepEqual(await start.exit(), { code: 1, signal: null })
  assert.match(
    start.stderr,
    /^server\.config\.js: keyfile: expected a file path, a list of them, or null; got a text in PEM \(the path of a file/,
  )
  assert.doesNotMatch(start.stderr, /BEGIN/)
})
