import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkForwarded } from '../../../../src/doctor/checks/forwarded.ts'
import { parseNginx } from '../../../../src/doctor/facts/nginx-config.ts'

const read = {
  names: ['X-Forwarded-For', 'X-Forwarded-Host', 'Forwarded'],
  schemes: ['X-Forwarded-Protocol', 'X-Forwarded-Proto'],
}

function problems(text: string, names = read): readonly string[] {
  return checkForwarded(parseNginx(text), 'a.conf', names).map(({ message }) => message)
}

test('headers that nginx neither sets nor removes are named', () => {
  assert.deepEqual(problems('location / { proxy_set_header X-Forwarded-For $remote_addr; }'), [
    'a.conf: nginx passes on X-Forwarded-Host, Forwarded and X-Forwarded-Proto as a client has sent them, ' +
      'and tsgun trusts nginx',
  ])
  const most = 'proxy_set_header x-forwarded-for $a; proxy_set_header X-Forwarded-Protocol ssl; '
  assert.deepEqual(problems(`${most} proxy_set_header X-Forwarded-Host $host;`), [
    'a.conf: nginx passes on Forwarded as a client has sent it, and tsgun trusts nginx',
  ])
})

test('nothing is found if each is set or removed, is not read, or may be set in another file', () => {
  const all = ['X-Forwarded-For $a', 'X-Forwarded-Host $host', 'Forwarded ""', 'X-Forwarded-Proto $scheme']
  assert.deepEqual(problems(all.map((each) => `proxy_set_header ${each};`).join(' ')), [])
  assert.deepEqual(problems('', { names: [], schemes: [] }), [])
  assert.deepEqual(problems('location / { include proxy_params; }'), [])
})
