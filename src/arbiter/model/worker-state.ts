// The states of a worker as the arbiter sees it, and what moves it from one to the next. A missing cell
// means: nothing changes, because an exit is already on its way.

export const transitions = {
  spawned: { hello: 'booting', retire: 'draining', deadline: 'killed', exit: 'exited' },
  booting: { ready: 'ready', retire: 'draining', deadline: 'killed', exit: 'exited' },
  // its deadline: the end of a lock that it cannot renew
  ready: { retire: 'draining', stalled: 'aborting', deadline: 'killed', exit: 'exited' },
  draining: { deadline: 'killed', exit: 'exited' },
  aborting: { deadline: 'killed', exit: 'exited' },
  killed: { exit: 'exited' },
  exited: {},
} as const

export const workerInputs = ['hello', 'ready', 'retire', 'stalled', 'deadline', 'exit'] as const

export type WorkerState = keyof typeof transitions
export type WorkerInput = (typeof workerInputs)[number]

const table: Readonly<Record<WorkerState, Readonly<Partial<Record<WorkerInput, WorkerState>>>>> = transitions

/** The state after the input, or undefined when the input means nothing in this state. */
export function nextState(state: WorkerState, input: WorkerInput): WorkerState | undefined {
  return table[state][input]
}

/** It serves, or will: it holds its slot. */
export function holdsSlot(state: WorkerState): boolean {
  return state === 'spawned' || state === 'booting' || state === 'ready'
}

/** Its process may still be there. */
export function isAlive(state: WorkerState): boolean {
  return state !== 'exited'
}
