// The list whose items hold their own links.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LinkedList, type Linked } from '../../../../src/serving/connections/list.ts'

class Item implements Linked<Item> {
  readonly name: string
  previous: Item | undefined = undefined
  next: Item | undefined = undefined

  constructor(name: string) {
    this.name = name
  }
}

function backwards(list: LinkedList<Item>): string {
  let text = ''
  for (let item = list.last; item; item = item.previous) text += item.name
  return text
}

function check(list: LinkedList<Item>, names: string): void {
  assert.equal([...list].map(({ name }) => name).join(''), names)
  assert.equal(backwards(list), [...names].reverse().join(''))
}

test('items are added at both ends and removed anywhere, and a removed one can be added again', () => {
  const list = new LinkedList<Item>()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => new Item(name))
  assert.ok(a && b && c && d)
  check(list, '')
  list.append(b)
  check(list, 'b')
  list.append(c)
  list.prepend(a)
  check(list, 'abc')
  list.remove(b)
  check(list, 'ac')
  list.append(b)
  list.prepend(d)
  check(list, 'dacb')
  list.remove(d)
  list.remove(b)
  check(list, 'ac')
  list.remove(a)
  list.remove(c)
  check(list, '')
  assert.deepEqual([a.previous, a.next, c.previous, c.next], [undefined, undefined, undefined, undefined])
  list.prepend(b)
  check(list, 'b')
})

test('the item at hand may be removed while the list is walked', () => {
  const list = new LinkedList<Item>()
  for (const name of 'abc') list.append(new Item(name))
  let seen = ''
  for (const item of list) {
    seen += item.name
    list.remove(item)
  }
  assert.equal(seen, 'abc')
  check(list, '')
})
