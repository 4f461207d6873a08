import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Logger } from '../../../../src/logging/records/logger.ts'
import { HookRunner } from '../../../../src/config/hooks/runner.ts'
import type { BootTls, WorkerTls } from '../../../../src/tls/material.ts'
import { seal } from '../../../../src/tls/sealed.ts'
import { Certificates } from '../../../../src/worker/boot/certificates.ts'
import { Authority, type Issued } from '../../../helpers/certificates.ts'
import { bootMessage } from '../fake-worker.ts'

const noHooks = new HookRunner({ sources: {}, timeout: 1000, onFailure: () => undefined })
const secret = randomBytes(32).toString('base64')

const tlsOf = ({ certfile, keyfile }: Issued): WorkerTls => ({
  material: {
    certificates: [
      { names: ['localhost'], cert: [readFileSync(certfile, 'utf8')], key: [readFileSync(keyfile, 'utf8')] },
    ],
    ca: undefined,
  },
  ticketKeys: randomBytes(48).toString('base64'),
})

test('certificates are replaced before and after they are in use; what is not sealed is refused', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-certificates-test-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const authority = new Authority(directory)
  const tls: BootTls = { ...tlsOf(authority.issue()), secret }
  const errors: string[] = []
  const log = { error: (_: object, text: string) => void errors.push(text) } as unknown as Logger // only this
  const message = bootMessage(
    {},
    {
      tls,
      listeners: [
        { fd: 6, url: 'http://a', isShared: true },
        { fd: 7, url: 'https://b', isShared: true },
      ],
    },
  )
  const certificates = new Certificates(message, { log: () => log })
  const sealed = (value: unknown): string => seal(JSON.stringify(value), secret)
  await certificates.renew(sealed(tlsOf(authority.issue())))
  const termination = await certificates.open(noHooks)
  assert.deepEqual(
    [termination?.covers(0), termination?.covers(1), termination?.covers(2)],
    [false, true, false],
  )
  await certificates.renew(sealed(tlsOf(authority.issue())))
  assert.deepEqual(errors, [])
  await certificates.renew('AAAA')
  assert.match(errors.join(), /this worker keeps its certificates, because the new ones fail/)
})

test('challenges come with the boot message or later, and are gone when there are none', async () => {
  const errors: string[] = []
  const log = { error: (_: object, text: string) => void errors.push(text) } as unknown as Logger // only this
  const material = { certificates: [], ca: undefined }
  const challenges = [{ type: 'http-01', token: 'one', response: 'one.key' }] as const
  const tls: BootTls = { material, ticketKeys: '', secret, challenges }
  const certificates = new Certificates(bootMessage({}, { tls }), { log: () => log })
  assert.deepEqual([...certificates.responses], [['/.well-known/acme-challenge/one', 'one.key']])
  const sealed = (value: unknown): string => seal(JSON.stringify(value), secret)
  const other = { type: 'tls-alpn-01', name: 'a.example', cert: '', key: '' }
  await certificates.answer(sealed([{ ...challenges[0], token: 'two' }, other]))
  assert.deepEqual([...certificates.responses.keys()], ['/.well-known/acme-challenge/two'])
  await certificates.answer('AAAA')
  assert.match(errors.join(), /ACME: this worker cannot answer the authority/)
  await certificates.answer(sealed([]))
  assert.equal(certificates.responses.size, 0)
  assert.equal(errors.length, 1)
})

test('without a certificate, and without an address for it, nothing is opened', async () => {
  const log = { log: () => assert.fail('log') }
  const none = new Certificates(
    bootMessage({}, { listeners: [{ fd: 6, url: 'http://a', isShared: true }] }),
    log,
  )
  assert.equal(await none.open(noHooks), undefined)
  await none.renew('AAAA')
  await none.answer('AAAA')
})
