import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { acmePlaces } from '../../../../src/tls/acme-settings.ts'
import { checkCertificates } from '../../../../src/doctor/checks/certificates.ts'
import { Authority } from '../../../helpers/certificates.ts'
import { acmeSettings } from '../../../helpers/acme-settings.ts'

const none = {
  certfile: null,
  acme: null,
  keyfile: null,
  ca_certs: null,
  cert_reqs: 'none',
  ciphers: null,
  tls_min_version: 'TLSv1.2',
} as const

test('the doctor says until when each certificate is valid, and what is wrong with it', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-doctor-test-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const { certfile, keyfile } = new Authority(directory).issue({ days: 10 })
  const now = Date.now() + 60_000
  assert.deepEqual(await checkCertificates(none, '/', now), [])
  const found = await checkCertificates({ ...none, certfile, keyfile }, '/', now)
  assert.deepEqual(
    found.map(({ level }) => level),
    ['ok', 'warning'],
  )
  assert.match(found[0]?.message ?? '', /1\.pem is valid until \d{4}-\d\d-\d\d$/)
  assert.match(found[1]?.message ?? '', /expires in 9 days/)
  const [wrong] = await checkCertificates({ ...none, certfile, keyfile: 'none.key' }, directory, now)
  assert.equal(wrong?.level, 'wrong')
  assert.equal(wrong?.subject, 'keyfile')
  assert.match(wrong?.message ?? '', /none\.key cannot be read: it does not exist/)
})

test('the doctor says whether the certificate of acme is there', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-doctor-test-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const found = (): ReturnType<typeof checkCertificates> =>
    checkCertificates({ ...none, acme: acmeSettings }, directory, Date.now() + 60_000)
  const [missing] = await found()
  assert.deepEqual([missing?.level, missing?.subject], ['warning', 'acme'])
  assert.equal(missing?.message, 'there is no certificate for a.example yet')
  const { certificate, folder } = acmePlaces(acmeSettings, directory)
  const { certfile, keyfile } = new Authority(directory).issue({ days: 10, names: ['a.example'] })
  mkdirSync(folder, { recursive: true })
  writeFileSync(certificate, readFileSync(keyfile, 'utf8') + readFileSync(certfile, 'utf8'), { mode: 0o600 })
  const all = await found()
  assert.deepEqual(
    all.map(({ level }) => level),
    ['ok'],
    'that it ends soon is no news',
  )
  assert.match(all[0]?.message ?? '', /a\.example-\w{8}\.pem is valid until/)
  writeFileSync(certificate, 'damaged')
  const [wrong] = await found()
  assert.deepEqual([wrong?.level, wrong?.subject], ['wrong', 'acme'])
  assert.match(wrong?.message ?? '', /has no certificate.*remove it to order the certificate again/)
})
