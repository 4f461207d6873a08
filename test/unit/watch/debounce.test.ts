// Many saves at about the same time are one change.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../../src/os/system/clock.ts'
import { Debounce } from '../../../src/watch/debounce.ts'

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

function watched(): { readonly clock: FakeClock; readonly debounce: Debounce; readonly reported: string[] } {
  const clock = new FakeClock()
  const reported: string[] = []
  const debounce = new Debounce({
    clock,
    onFirst: () => void reported.push('first'),
    onQuiet: (files) => void reported.push(files.join(' ')),
  })
  return { clock, debounce, reported }
}

test('the first save is reported at once, and all saves together after a quiet time', () => {
  const { clock, debounce, reported } = watched()
  debounce.note('/a')
  assert.deepEqual(reported, ['first'])
  for (const file of ['/b', '/a', '/c']) {
    clock.advance(40)
    debounce.note(file)
  }
  assert.deepEqual(reported, ['first'])
  clock.advance(50)
  assert.deepEqual(reported, ['first', '/a /b /c'])
  debounce.note('/d')
  clock.advance(50)
  assert.deepEqual(reported.slice(2), ['first', '/d'])
})

test('saves without a pause are reported too', () => {
  const { clock, debounce, reported } = watched()
  for (let save = 0; save < 30; save += 1) {
    debounce.note('/a')
    clock.advance(40)
  }
  assert.ok(reported.includes('/a'))
})

test('nothing is reported after close', () => {
  const { clock, debounce, reported } = watched()
  debounce.note('/a')
  debounce.close()
  clock.advance(1000)
  assert.deepEqual(reported, ['first'])
})
