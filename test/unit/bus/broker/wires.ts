// Frames for tests of the broker and its clients.

import { readGreeting, writeGreeting } from '../../../../src/bus/wire/greeting.ts'
import { FrameQueue } from '../../../../src/bus/wire/frame-queue.ts'
import {
  connectionAt,
  idAt,
  kindAt,
  kinds,
  payloadOf,
  topicAt,
  type Head,
} from '../../../../src/bus/wire/frame.ts'
import { FrameSplitter } from '../../../../src/bus/wire/frame-splitter.ts'

export type Kind = keyof typeof kinds

export interface ReadFrame {
  readonly kind: Kind
  readonly topic: string
  readonly text: string
  readonly id: number
  readonly connection: number
}

export interface WrittenFrame extends Partial<Omit<Head, 'kind'>> {
  readonly kind: Kind
  readonly topic?: string
  readonly text?: string
}

export function bytesOf(...frames: readonly WrittenFrame[]): Buffer {
  const queue = new FrameQueue(Infinity)
  for (const { kind, topic = '', text = '', ...head } of frames)
    queue.write({ kind: kinds[kind], ...head }, Buffer.from(topic), Buffer.from(text))
  return queue.take() ?? Buffer.alloc(0)
}

export function framesIn(bytes: Buffer): readonly ReadFrame[] {
  const frames: ReadFrame[] = []
  const splitter = new FrameSplitter((from, start, end) => {
    const [kind] = Object.entries(kinds).find(([, number]) => number === kindAt(from, start)) ?? []
    frames.push({
      kind: kind as Kind,
      topic: topicAt(from, start),
      text: payloadOf(from, start, end).toString(),
      id: idAt(from, start),
      connection: connectionAt(from, start),
    })
  })
  splitter.push(bytes)
  return frames
}

export function greeting(connection: number, name = `worker ${connection}`): WrittenFrame {
  return { kind: 'greeting', connection, text: writeGreeting({ pid: connection + 1000, name }).toString() }
}

export const readable = readGreeting
