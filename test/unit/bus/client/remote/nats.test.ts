import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as library from '@nats-io/transport-node'
import { NatsCarrier } from '../../../../../src/bus/client/remote/nats.ts'
import { eventually } from '../../../../helpers/wait.ts'

test('each first try that fails is told, and topics are subscribed with the one that does not', async () => {
  const told: string[] = []
  const subjects: string[] = []
  let tries = 0
  const connection = {
    subscribe: (subject: string) => subjects.push(subject),
    status: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
  }
  const connect = async (): Promise<library.NatsConnection> => {
    tries += 1
    if (tries < 3) throw Object.assign(new Error(`refused ${tries}`), { code: 'ECONNREFUSED' })
    return connection as never // what the carrier calls of it
  }
  const carrier = new NatsCarrier(
    { ...library, connect },
    {
      url: 'nats://127.0.0.1:4222',
      prefix: 'test',
      handlers: {
        onMessage: () => undefined,
        onRequest: () => undefined,
        onUp: () => told.push('up'),
        onDown: (reason) => told.push(reason),
      },
    },
  )
  carrier.subscribe('news')
  await eventually('the connection', () => (told.includes('up') ? true : undefined))
  assert.deepEqual(told, ['refused 1', 'refused 2', 'up'])
  assert.deepEqual(subjects, ['test.m.news', 'test.q.news'])
})

test('over TLS the certificate has to be that of the host, also when that is an address', async () => {
  const asked: (library.ConnectionOptions | undefined)[] = []
  const connect = (options?: library.ConnectionOptions): Promise<never> => {
    asked.push(options)
    return new Promise(() => undefined)
  }
  const handlers = {
    onMessage: () => undefined,
    onRequest: () => undefined,
    onUp: () => undefined,
    onDown: () => undefined,
  }
  for (const url of ['tls://[::1]:1', 'tls://nats.internal', 'nats://127.0.0.1'])
    new NatsCarrier({ ...library, connect }, { url, prefix: 'test', handlers })
  assert.deepEqual(
    asked.map((options) => [options?.servers, options?.tls]),
    [
      ['[::1]:1', { host: '::1' }],
      ['nats.internal:4222', { host: 'nats.internal' }],
      ['127.0.0.1:4222', undefined],
    ],
  )
})
