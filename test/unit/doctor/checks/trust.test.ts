import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkTrust, type TrustSettings } from '../../../../src/doctor/checks/trust.ts'
import { parseAddress } from '../../../../src/listen/address.ts'

function subjects(bind: readonly string[], settings: Partial<TrustSettings>): readonly string[] {
  const usual: TrustSettings = {
    forwarded_allow_ips: ['127.0.0.1'],
    proxy_protocol: 'off',
    proxy_allow_ips: [],
  }
  return checkTrust(bind.map(parseAddress), { ...usual, ...settings }).map(({ subject }) => subject)
}

test('"*" is told if other machines can connect', () => {
  const all = { forwarded_allow_ips: ['*'], proxy_protocol: 'auto', proxy_allow_ips: ['*'] } as const
  assert.deepEqual(subjects(['0.0.0.0:80'], all), ['forwarded_allow_ips', 'proxy_allow_ips'])
  assert.deepEqual(subjects(['127.0.0.1:80', '[::1]:80', 'localhost:80', 'unix:/a'], all), [])
  assert.deepEqual(subjects(['unix:/a', '[::]:80'], { proxy_allow_ips: ['*'] }), [])
  assert.deepEqual(subjects(['10.0.0.1:80'], { forwarded_allow_ips: ['10.0.0.0/8'] }), [])
})
