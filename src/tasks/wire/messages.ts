// The messages between a caller and a task process. Both processes. What arrives is checked: each `read`
// throws BadFrame for what no tsgun of this version sends.

import { taskCodes, isTaskCode, type TaskErrorCode } from '../model/codes.ts'
import { BadFrame, flagsAt, type Frame } from './frame.ts'
import { describeThrown, parseErrorValue, type ErrorValue } from './error-value.ts'
import { ValueReader } from './value-reader.ts'
import { ValueWriter, type Outgoing } from './value-writer.ts'

/** A caller asks for one run. */
export interface Request {
  /** When it was sent, on the clock of `machineNow`. */
  readonly sentAt: number
  /** Id of the request that the caller works for. */
  readonly id: string | undefined
  /** Tasks that wait for this one, the outermost first. */
  readonly chain: readonly string[]
}

/** A flag of a request: to be run in no batch with others, because a batch with it has been lost. */
const aloneFlag = 1

/** Throws a TypeError with the path of what cannot be sent, or a RangeError. */
export function writeRequest({ sentAt, id, chain }: Request, input: unknown): Outgoing {
  const writer = new ValueWriter()
  writer.writeDouble(sentAt)
  writer.writeValue(id)
  writer.writeValue(chain.length === 0 ? undefined : chain)
  writer.write(input, 'input')
  return writer.end('request')
}

/** Changes a request that is sent again. */
export function markAlone({ head }: Outgoing): void {
  head[flagsAt] = aloneFlag
}

/** The input is read apart, when the task starts: one that is cancelled by then costs nothing. */
export interface ReceivedRequest extends Request {
  readonly isAlone: boolean
  readonly input: () => unknown
}

export function readRequest(frame: Frame): ReceivedRequest {
  const reader = new ValueReader(frame)
  const sentAt = reader.double()
  const id = reader.value()
  const chain = reader.value() ?? []
  if (!Number.isFinite(sentAt) || (id !== undefined && typeof id !== 'string') || !isTexts(chain))
    throw new BadFrame('a request without its fields')
  return { sentAt, id, chain, isAlone: frame.flags === aloneFlag, input: () => reader.value() }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

/** The task has started to run. */
export interface Begin {
  /** On the clock of `machineNow`. */
  readonly startedAt: number
  /** How many inputs run together. */
  readonly batch: number
}

export function writeBegin({ startedAt, batch }: Begin): Outgoing {
  const writer = new ValueWriter()
  writer.writeDouble(startedAt)
  writer.writeUint32(batch)
  return writer.end('begin')
}

export function readBegin(frame: Frame): Begin {
  const reader = new ValueReader(frame)
  const [startedAt, batch] = [reader.double(), reader.integer()]
  if (!Number.isFinite(startedAt) || batch < 1) throw new BadFrame('a begin without its fields')
  return { startedAt, batch }
}

/** `name`: what the path of what cannot be sent begins with. */
export function writeValue(kind: 'progress' | 'result', value: unknown, name: string): Outgoing {
  const writer = new ValueWriter()
  writer.write(value, name)
  return writer.end(kind)
}

export function readValue(frame: Frame): unknown {
  return new ValueReader(frame).value()
}

const codes = Object.keys(taskCodes)

/** A run has no output. */
export interface Failure {
  readonly code: TaskErrorCode
  readonly error: ErrorValue
}

export function writeError(code: TaskErrorCode, thrown: unknown): Outgoing {
  const writer = new ValueWriter()
  writer.writeUint32(codes.indexOf(code))
  writer.writeValue(describeThrown(thrown))
  return writer.end('error')
}

export function readError(frame: Frame): Failure {
  const reader = new ValueReader(frame)
  const code = codes[reader.integer()]
  const error = parseErrorValue(reader.value())
  if (!isTaskCode(code) || error === undefined) throw new BadFrame('an error without its fields')
  return { code, error }
}

/** Why a task process does not take a request that it has accepted. */
export const refusals = ['full', 'busy'] as const

/** `full`: the queue is full; `busy`: this process has just begun another task, so ask again. */
export type Refusal = (typeof refusals)[number]

export function writeRefused(refusal: Refusal): Outgoing {
  const writer = new ValueWriter()
  writer.writeUint32(refusals.indexOf(refusal))
  return writer.end('refused')
}

export function readRefused(frame: Frame): Refusal {
  const refusal = refusals[new ValueReader(frame).integer()]
  if (refusal === undefined) throw new BadFrame('a refusal without its reason')
  return refusal
}
