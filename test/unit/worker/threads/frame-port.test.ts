// The log lines of a thread on their way to the main thread: what is not written yet is limited.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogPipe } from '../../../../src/logging/pipe/log-pipe.ts'
import { FrameReader } from '../../../../src/logging/pipe/frame.ts'
import { FramePort } from '../../../../src/worker/threads/frame-port.ts'
import type { FromThread } from '../../../../src/worker/threads/messages.ts'
import { eventually } from '../../../helpers/wait.ts'

type Frame = Extract<FromThread, { kind: 'frame' }>

test('frames are posted whole and small, and lines beyond the limit are dropped, counted and reported', async () => {
  const frames: Frame[] = []
  const dropped: string[] = []
  const unwritten = new SharedArrayBuffer(8)
  const port = new FramePort(
    (frame) => void frames.push(frame),
    unwritten,
    200,
    (log, lines) => void dropped.push(`${log} ${lines}`),
  )
  const pipe = new LogPipe(port)
  for (let nr = 0; nr < 50; nr += 1) pipe.write('app', `line ${nr} of the app\n`)
  const bytes = frames.reduce((sum, { frame }) => sum + frame.length, 0)
  assert.ok(bytes <= 200 && bytes > 150, `${bytes} bytes`)
  assert.equal(Number(new BigInt64Array(unwritten)[0]), bytes)
  assert.ok(frames.every(({ frame }) => frame.buffer.byteLength === frame.length))
  await eventually('the report', () => dropped[0])
  assert.deepEqual(dropped, [`app ${50 - frames.length}`])
  Atomics.store(new BigInt64Array(unwritten), 0, 0n) // the main thread has written all
  pipe.write('error', 'again\n')
  const texts: string[] = []
  const reader = new FrameReader({
    onRecords: (log, text) => void texts.push(`${log} ${text.toString()}`),
    onGarbage: () => assert.fail('no garbage'),
  })
  for (const { frame } of frames) reader.push(Buffer.from(frame))
  assert.equal(texts[0], 'app line 0 of the app\n')
  assert.equal(texts.at(-1), 'error again\n')
})
