import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  covers,
  isDue,
  leastPause,
  pauseAfter,
  renewalTime,
  type CertificateLife,
} from '../../../src/tls/acme-due.ts'
import { certificateLife } from '../../../src/tls/acme-life.ts'
import { acmePlaces, usableChallenges, type AcmeSettings } from '../../../src/tls/acme-settings.ts'

const day = 86_400_000
const life: CertificateLife = { names: ['a.example'], isPlaceholder: false, from: 0, expires: 90 * day }

const rows: readonly (readonly [string, CertificateLife | undefined, number, boolean])[] = [
  ['none', undefined, 0, true],
  ['a new one', life, 1, false],
  ['one with more than a third left', life, 59 * day, false],
  ['one with less than a third left', life, 61 * day, true],
  ['one that has expired', life, 91 * day, true],
  ['a placeholder', { ...life, isPlaceholder: true }, 1, true],
  ['one without the name', { ...life, names: ['b.example'] }, 1, true],
  ['one with more names', { ...life, names: ['b.example', 'a.example'] }, 1, false],
  ['a short-lived one after 3 of 6 days', { ...life, expires: 6 * day }, 3 * day, false],
  ['a short-lived one after 4 of 6 days', { ...life, expires: 6 * day }, 4 * day, true],
]
for (const [name, certificate, now, expected] of rows)
  test(`whether a certificate is ordered: ${name}`, () =>
    assert.equal(isDue(certificate, ['a.example'], { now, jitter: 0 }), expected))

test('several servers renew within three days of each other, never later than with a third left', () => {
  const times = [0, 0.5, 1].map((jitter) => renewalTime(life, jitter) / day)
  assert.deepEqual(times.map(Math.round), [60, 59, 57])
})

test('pauses grow from a minute to six hours, and the authority may ask for more', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => pauseAfter(failures) / 60_000)
  assert.deepEqual(minutes, [1, 5, 15, 60, 180, 360, 360, 360])
  assert.equal(pauseAfter(1, 7_200_000), 7_200_000)
  assert.equal(pauseAfter(4, 1000), 3_600_000)
})

test("a restart does not make the pause of several failures shorter than Let's Encrypt allows", () => {
  const minutes = [0, 1, 3, 4, 50].map((failures) => leastPause(failures) / 60_000)
  assert.deepEqual(minutes, [1, 1, 1, 15, 15])
})

test('what is no certificate has no life', () => {
  for (const text of ['', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])
    assert.equal(certificateLife(text), undefined)
  assert.ok(covers(life, []))
})

const settings: AcmeSettings = {
  domains: ['shop.example', 'www.shop.example'],
  email: null,
  directory: 'https://acme-v02.api.letsencrypt.org/directory',
  storage: 'acme',
  challenge: null,
  directory_ca: 'ca.pem',
  external_account: null,
}

test('the files belong to one directory and one set of names', () => {
  const places = acmePlaces(settings, '/srv/shop')
  assert.equal(places.folder, '/srv/shop/acme/acme-v02.api.letsencrypt.org-directory')
  assert.equal(places.account, `${places.folder}/account.key`)
  assert.match(places.certificate, /\/shop\.example-[0-9a-f]{8}\.pem$/)
  assert.equal(places.directoryCa, '/srv/shop/ca.pem')
  const certificateOf = (changes: Partial<AcmeSettings>): string =>
    acmePlaces({ ...settings, ...changes }, '/srv/shop').certificate
  assert.equal(certificateOf({ email: 'a@b' }), places.certificate)
  for (const changes of [
    { domains: ['shop.example'] },
    { domains: ['shop.example', 'w.shop.example'] },
    { storage: '/var/lib/shop' },
    { directory: 'https://acme-staging-v02.api.letsencrypt.org/directory' },
  ])
    assert.notEqual(certificateOf(changes), places.certificate)
  assert.equal(
    acmePlaces({ ...settings, directory: 'https://[::1]:14000/../dir?a=b' }, '/').folder,
    '/acme/-1-14000-dir',
  )
})

test('a challenge that is not chosen is the one that needs no other address', () => {
  assert.deepEqual(usableChallenges({ challenge: null }, false), ['tls-alpn-01'])
  assert.deepEqual(usableChallenges({ challenge: null }, true), ['tls-alpn-01', 'http-01'])
  assert.deepEqual(usableChallenges({ challenge: 'http-01' }, true), ['http-01'])
})
