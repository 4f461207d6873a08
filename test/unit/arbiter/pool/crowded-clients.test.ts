// The connections of each client with all workers: who learns when one has as many as it may.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CrowdedClients } from '../../../../src/arbiter/pool/crowded-clients.ts'

function setup(limit: number): { readonly clients: CrowdedClients; readonly sent: string[] } {
  const sent: string[] = []
  const members = {
    generationOf: () => ({ config: { settings: { max_connections_per_ip: limit } } }),
    processOf: (age: number) => ({
      send: ({ addresses, on }: { addresses: readonly string[]; on: boolean }) =>
        void sent.push(`${age} ${on ? 'full' : 'free'} ${addresses.join()}`),
    }),
    roster: { all: () => [1, 2, 3].map((age) => ({ age, state: age === 3 ? 'booting' : 'ready' })) },
  }
  // the members that are used
  return { clients: new CrowdedClients(members as never), sent }
}

test('workers that serve learn when a client is full, and when it has room again', () => {
  const { clients, sent } = setup(3)
  clients.apply(1, [['a', 2]])
  assert.deepEqual(sent, [])
  clients.apply(2, [
    ['a', 1],
    ['b', 1],
  ])
  assert.deepEqual(sent.splice(0), ['1 full a', '2 full a'])
  clients.apply(2, [['a', 1]])
  assert.deepEqual(sent, [], 'it is full already')
  clients.apply(1, [['a', -2]])
  assert.deepEqual(sent.splice(0), ['1 free a', '2 free a'])
})

test('a worker learns at its boot who is full, and takes its connections with it when it ends', () => {
  const { clients, sent } = setup(1)
  clients.apply(1, [
    ['a', 1],
    ['b', 1],
  ])
  sent.length = 0
  clients.welcome(3)
  assert.deepEqual(sent.splice(0), ['3 full a,b'])
  clients.apply(2, [['b', 1]])
  clients.forget(1)
  assert.deepEqual(sent.splice(0), ['1 free a', '2 free a'])
  clients.forget(1)
  assert.deepEqual(sent, [])
})
