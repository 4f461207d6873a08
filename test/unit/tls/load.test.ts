import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tlsFiles, type TlsFiles } from '../../../src/tls/files.ts'
import { loadTls, type LoadOptions } from '../../../src/tls/load.ts'
import { TlsError } from '../../../src/tls/problem.ts'
import { Authority, type Issued } from '../../helpers/certificates.ts'

const modes = { cert_reqs: 'none', ciphers: null, tls_min_version: 'TLSv1.2' } as const
const day = 86_400_000
/** The certificates of the tests are made a little later. */
const now = Date.now() + 60_000
let directory = ''
let root: Authority
let issued: Issued

before(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-tls-test-'))
  root = new Authority(directory)
  issued = root.issue({ names: ['a.example', 'b.example'] })
})
after(() => rmSync(directory, { recursive: true }))

const filesOf = (...all: readonly Issued[]): TlsFiles => ({
  pairs: all.map(({ chainfile, keyfile }) => ({ certfile: chainfile, keyfile })),
  ca: undefined,
})

async function problemOf(files: TlsFiles, options: LoadOptions = { now }): Promise<string> {
  try {
    await loadTls(files, modes, options)
  } catch (error) {
    if (error instanceof TlsError) return error.message
    throw error
  }
  return 'none'
}

test('the settings name pairs of files, with the key in the certificate where there is none', () => {
  const settings = { ...modes, certfile: ['a.pem', '/b.pem'], keyfile: null, acme: null, ca_certs: 'ca.pem' }
  assert.deepEqual(tlsFiles(settings, '/srv'), {
    pairs: [
      { certfile: '/srv/a.pem', keyfile: '/srv/a.pem' },
      { certfile: '/b.pem', keyfile: '/b.pem' },
    ],
    ca: undefined,
  })
  assert.equal(tlsFiles({ ...settings, cert_reqs: 'optional' }, '/srv')?.ca, '/srv/ca.pem')
  assert.equal(tlsFiles({ ...settings, certfile: null }, '/srv'), undefined)
})

test('a certificate is loaded with its names, and the digest tells whether anything has changed', async () => {
  chmodSync(issued.keyfile, 0o600)
  const { material, certificates, warnings, digest } = await loadTls(filesOf(issued), modes, { now })
  assert.deepEqual(warnings, [])
  assert.deepEqual(
    material.certificates.map(({ names }) => names),
    [['a.example', 'b.example']],
  )
  assert.deepEqual(
    certificates.map(({ kind }) => kind),
    ['ec'],
  )
  assert.equal((await loadTls(filesOf(issued), modes, { now })).digest, digest)
  assert.notEqual((await loadTls(filesOf(root.issue()), modes, { now })).digest, digest)
})

test('two kinds of keys for the same names are one; the same kind twice, and other names, are not', async () => {
  const rsa = root.issue({ names: ['b.example', 'a.example'], kind: 'rsa' })
  const again = root.issue({ names: ['a.example', 'b.example'] })
  const other = root.issue({ names: ['a.example'], kind: 'rsa' })
  const { material } = await loadTls(filesOf(issued, rsa, again, other), modes, { now })
  assert.deepEqual(
    material.certificates.map(({ cert, key }) => [cert.length, key.length]),
    [
      [2, 2],
      [1, 1],
      [1, 1],
    ],
  )
})

test('a certificate is valid from its first to its last moment; one that is served may have expired', async () => {
  const served = (await loadTls(filesOf(issued), modes, { now })).certificates.map(
    ({ fingerprint }) => fingerprint,
  )
  const end = now + 91 * day
  assert.match(await problemOf(filesOf(issued), { now: end }), /has expired: it was valid until/)
  assert.match(await problemOf(filesOf(issued), { now: now - day }), /is not valid yet: it is valid from/)
  const late = await loadTls(filesOf(issued), modes, { now: end, served })
  assert.match(
    late.warnings.join(),
    /the certificate .* has expired \(.* UTC\), and clients refuse it; renew it/,
  )
})

test('it is warned of from 30 days before the end on', async () => {
  const at = async (days: number): Promise<string> =>
    (await loadTls(filesOf(issued), modes, { now: now + days * day })).warnings.join()
  assert.equal(await at(59), '')
  assert.match(await at(61), /expires in 28 days/)
  assert.match(await at(88), /expires in 1 day /)
  assert.match(await at(89.5), /expires in less than a day/)
})

test('all problems of all files are reported together, each once', async () => {
  const files = {
    pairs: [
      { certfile: '/none/a.pem', keyfile: '/none/a.key' },
      { certfile: '/none/a.pem', keyfile: issued.keyfile },
    ],
    ca: '/none/ca.pem',
  }
  assert.equal(
    await problemOf(files),
    'certfile: /none/a.pem cannot be read: it does not exist; ' +
      'keyfile: /none/a.key cannot be read: it does not exist; ' +
      'ca_certs: /none/ca.pem cannot be read: it does not exist',
  )
})

test('an intermediate certificate that has expired, and a chain that is no chain, are warned of', async () => {
  const other = new Authority(directory, 'other')
  const chain = join(directory, 'loose.pem')
  writeFileSync(chain, readFileSync(issued.certfile, 'utf8') + readFileSync(other.certfile, 'utf8'))
  const loose = { pairs: [{ certfile: chain, keyfile: issued.keyfile }], ca: undefined }
  const { warnings } = await loadTls(loose, modes, { now })
  assert.match(warnings.join(), /certificate 2 in .*loose\.pem has not issued the one before it/)
  const only = join(directory, 'cert.pem')
  copyFileSync(issued.certfile, only)
  const alone = await loadTls(
    { pairs: [{ certfile: only, keyfile: issued.keyfile }], ca: undefined },
    modes,
    { now },
  )
  assert.match(alone.warnings.join(), /cert\.pem has no intermediate certificates/)
})

test('what OpenSSL refuses is refused with its reason', async () => {
  const strict = { ...modes, ciphers: 'DEFAULT:@SECLEVEL=4' }
  const rsa = root.issue({ kind: 'rsa' })
  await assert.rejects(
    loadTls(filesOf(rsa), strict, { now }),
    /certfile: \/.*-chain\.pem is refused by OpenSSL: .*key too small/,
  )
})

test('a FIFO, a directory and a file that is too large are no certificates', async () => {
  const large = join(directory, 'large.pem')
  writeFileSync(large, Buffer.alloc(1_048_577))
  for (const [path, reason] of [
    [directory, 'it is a directory'],
    [large, 'it is larger than 1 MiB'],
    ['/dev/zero', 'it is no file'],
  ] as const)
    assert.equal(
      await problemOf({ pairs: [{ certfile: path, keyfile: issued.keyfile }], ca: undefined }),
      `certfile: ${path} cannot be read: ${reason}`,
    )
})
