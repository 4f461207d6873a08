// A property of a prototype that is computed at each access, until a value is assigned.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineAccessor } from '../../../src/os/define-accessor.ts'

interface Named {
  readonly name: string
  greeting?: unknown
}

function named(): { readonly prototype: object; readonly create: (name: string) => Named } {
  const prototype = {}
  defineAccessor<Named>(prototype, 'greeting', ({ name }) => `hello ${name}`)
  return {
    prototype,
    create(name) {
      const object: Named = { name }
      Object.setPrototypeOf(object, prototype)
      return object
    },
  }
}

test('the value is computed from the object at each access', () => {
  const { create } = named()
  assert.equal(create('a').greeting, 'hello a')
  assert.equal(create('b').greeting, 'hello b')
})

test('it is not a property of the object, so a copy does not have it', () => {
  const object = named().create('a')
  assert.deepEqual({ ...object }, { name: 'a' })
  assert.deepEqual(Object.keys(object), ['name'])
})

test('an assigned value replaces it on that object only, as an ordinary property', () => {
  const { create } = named()
  const [one, other] = [create('a'), create('b')]
  one.greeting = 'hi'
  one.greeting = 'hey'
  assert.equal(one.greeting, 'hey')
  assert.deepEqual(Object.keys(one), ['name', 'greeting'])
  assert.equal(other.greeting, 'hello b')
})

test('it can be defined again', () => {
  const { prototype, create } = named()
  defineAccessor(prototype, 'greeting', () => 'bye')
  assert.equal(create('a').greeting, 'bye')
})
