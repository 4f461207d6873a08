// Many saves at once are one change.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../../src/os/system/clock.ts'
import { Settle } from '../../../src/watch/settle.ts'

interface Waiting {
  readonly at: number
  readonly callback: () => void
}

class FakeClock implements Clock {
  #now = 0
  #waiting: Waiting[] = []

  now(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): { cancel(): void } {
    const waiting = { at: this.#now + milliseconds, callback }
    this.#waiting.push(waiting)
    return { cancel: () => void (this.#waiting = this.#waiting.filter((each) => each !== waiting)) }
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
    const due = this.#waiting.filter(({ at }) => at <= this.#now)
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#now)
    for (const { callback } of due) callback()
  }
}

function watched(): { readonly clock: FakeClock; readonly settle: Settle; readonly told: string[] } {
  const clock = new FakeClock()
  const told: string[] = []
  const settle = new Settle({
    clock,
    onFirst: () => void told.push('first'),
    onSettled: (files) => void told.push(files.join(' ')),
  })
  return { clock, settle, told }
}

test('the first save is told at once, and all of them together when it has been quiet', () => {
  const { clock, settle, told } = watched()
  settle.note('/a')
  assert.deepEqual(told, ['first'])
  for (const file of ['/b', '/a', '/c']) {
    clock.advance(40)
    settle.note(file)
  }
  assert.deepEqual(told, ['first'])
  clock.advance(50)
  assert.deepEqual(told, ['first', '/a /b /c'])
  settle.note('/d')
  clock.advance(50)
  assert.deepEqual(told.slice(2), ['first', '/d'])
})

test('saves that never end are a change all the same', () => {
  const { clock, settle, told } = watched()
  for (let save = 0; save < 30; save += 1) {
    settle.note('/a')
    clock.advance(40)
  }
  assert.ok(told.includes('/a'))
})

test('nothing is told after the end', () => {
  const { clock, settle, told } = watched()
  settle.note('/a')
  settle.close()
  clock.advance(1000)
  assert.deepEqual(told, ['first'])
})
