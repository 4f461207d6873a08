// All 42 cells of the table of a worker's states: what each input does in each state, and nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  holdsSlot,
  isAlive,
  nextState,
  transitions,
  workerInputs,
  type WorkerInput,
  type WorkerState,
} from '../../../../src/arbiter/model/worker-state.ts'

/**
 * In the order of the inputs: hello, ready, retire, stalled, deadline, exit. A dash: the input means nothing.
 */
const expected: Readonly<Record<WorkerState, readonly string[]>> = {
  spawned: ['booting', '-', 'draining', '-', 'killed', 'exited'],
  booting: ['-', 'ready', 'draining', '-', 'killed', 'exited'],
  ready: ['-', '-', 'draining', 'aborting', 'killed', 'exited'],
  draining: ['-', '-', '-', '-', 'killed', 'exited'],
  aborting: ['-', '-', '-', '-', 'killed', 'exited'],
  killed: ['-', '-', '-', '-', '-', 'exited'],
  exited: ['-', '-', '-', '-', '-', '-'],
}

const inputs: readonly WorkerInput[] = ['hello', 'ready', 'retire', 'stalled', 'deadline', 'exit']
const states = Object.keys(expected) as WorkerState[] // the table's own keys

test('the table has these states and inputs and no others', () => {
  assert.deepEqual(Object.keys(transitions), states)
  assert.deepEqual(workerInputs, inputs)
  assert.equal(states.length * inputs.length, 42)
})

for (const state of states) {
  for (const [column, input] of inputs.entries()) {
    const next = expected[state][column] ?? ''
    test(
      `${input} to a worker that is ${state}: ` + `${next === '-' ? 'nothing changes' : `it is ${next}`}`,
      () => {
        assert.equal(nextState(state, input), next === '-' ? undefined : next)
      },
    )
  }
}

test('from every state an exit leads to the end, and no state leads back', () => {
  const order = ['spawned', 'booting', 'ready', 'draining', 'aborting', 'killed', 'exited']
  for (const state of states) {
    if (state !== 'exited') assert.equal(nextState(state, 'exit'), 'exited')
    for (const input of inputs) {
      const next = nextState(state, input)
      if (next !== undefined)
        assert.ok(order.indexOf(next) > order.indexOf(state), `${state} ${input} ${next}`)
    }
  }
})

test('only workers that serve or will serve hold their slot', () => {
  assert.deepEqual(states.filter(holdsSlot), ['spawned', 'booting', 'ready'])
  assert.deepEqual(
    states.filter((state) => !isAlive(state)),
    ['exited'],
  )
})
