// A limit under which Node.js may not start is named with its figure and remedy.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lowLimit } from '../../../../src/os/limits/low-limits.ts'

const limits = (addresses: string, processes: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     
Max processes             ${processes.padEnd(20)} 96364                processes 
Max open files            1024                 524288               files     
Max address space         ${addresses.padEnd(20)} unlimited            bytes     
`

test('without low limits there is none to name', () => {
  assert.equal(lowLimit(limits('unlimited', '96364'), false), undefined)
  assert.equal(lowLimit(limits('unlimited', 'unlimited'), false), undefined)
  assert.equal(lowLimit('', false), undefined, 'another system')
  assert.equal(typeof lowLimit(), 'undefined', 'this process')
})

test('few addresses are named first, then few processes, which root may exceed', () => {
  const addresses = 'its address space is limited to 2000 MiB; raise ulimit -v (LimitAS=)'
  assert.equal(lowLimit(limits('2097152000', '20'), false), addresses)
  const processes = 'its user may have only 20 processes and threads; raise ulimit -u (LimitNPROC=)'
  assert.equal(lowLimit(limits('unlimited', '20'), false), processes)
  assert.equal(lowLimit(limits('unlimited', '20'), true), undefined)
})
