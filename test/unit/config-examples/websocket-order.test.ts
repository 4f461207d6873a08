// The order in which the page of config-examples/websocket shows what arrives.

import assert from 'node:assert/strict'
import { test } from 'node:test'

interface Message {
  readonly nr: number
}

interface Order {
  readonly last: number | undefined
  readonly lacksOne: boolean
  take(message: Message): void
  fill(missed: { readonly after: number; readonly messages: readonly Message[]; readonly last: number }): void
}

interface View {
  readonly show: (message: Message) => void
  readonly showGap: (text: string) => void
}

interface OrderModule {
  readonly Order: new (view: View) => Order
}

async function orderOf(): Promise<{ readonly order: Order; readonly shown: readonly (number | string)[] }> {
  const path = new URL('../../../config-examples/websocket/page/order.js', import.meta.url).href
  const { Order } = (await import(path)) as OrderModule // it is JavaScript, for the browser
  const shown: (number | string)[] = []
  const order = new Order({ show: ({ nr }) => shown.push(nr), showGap: (text) => shown.push(text) })
  return { order, shown }
}

const messages = (...numbers: readonly number[]): readonly Message[] => numbers.map((nr) => ({ nr }))

test('the first reply shows what is kept, and no gap before it', async () => {
  const { order, shown } = await orderOf()
  order.take({ nr: 9 })
  assert.deepEqual(shown, [])
  order.fill({ after: -1, messages: messages(6, 7, 8, 9), last: 9 })
  assert.deepEqual(shown, [6, 7, 8, 9])
})

test('the first reply of an empty store is followed by the first message', async () => {
  const { order, shown } = await orderOf()
  order.fill({ after: -1, messages: [], last: 0 })
  order.take({ nr: 1 })
  assert.deepEqual(shown, [1])
})

test('messages that arrive twice, or in another order, are shown once and in order', async () => {
  const { order, shown } = await orderOf()
  order.fill({ after: -1, messages: messages(1), last: 1 })
  for (const nr of [3, 3, 2, 2, 1, 4]) order.take({ nr })
  order.fill({ after: 1, messages: messages(2, 3, 4), last: 4 }) // a late reply
  assert.deepEqual(shown, [1, 2, 3, 4])
  assert.equal(order.lacksOne, false)
})

test('a message waits for one before it, until the store replies', async () => {
  const { order, shown } = await orderOf()
  order.fill({ after: -1, messages: messages(1), last: 1 })
  order.take({ nr: 4 })
  assert.equal(order.lacksOne, true)
  order.fill({ after: 1, messages: [], last: 1 }) // of a question before
  assert.deepEqual(shown, [1])
  order.fill({ after: 1, messages: messages(2, 3, 4), last: 4 })
  assert.deepEqual(shown, [1, 2, 3, 4])
})

test('what the store does not keep any more is a gap, also between messages that have arrived', async () => {
  const { order, shown } = await orderOf()
  order.fill({ after: -1, messages: messages(1), last: 1 })
  order.take({ nr: 3 })
  order.fill({ after: 1, messages: messages(6, 7), last: 7 })
  assert.deepEqual(shown, [1, '1 message is missing', 3, '2 messages are missing', 6, 7])
})

test('a store that counts from 1 again is said once, and its messages are shown', async () => {
  const { order, shown } = await orderOf()
  order.fill({ after: -1, messages: messages(7), last: 7 })
  order.fill({ after: 7, messages: [], last: 2 })
  order.fill({ after: 0, messages: messages(1, 2), last: 2 })
  assert.deepEqual(shown, [7, 'messages may be missing', 1, 2])
})
