// A program that listens when it is loaded for its preload().

import assert from 'node:assert/strict'
import { Server } from 'node:net'
import { test } from 'node:test'
import { refuseListen } from '../../../../src/worker/preload/listen-guard.ts'

test('listen() throws, and the promise rejects with the same error, which names the remedy', async () => {
  const prototype = { listen: Server.prototype.listen }
  const refused = refuseListen(prototype)
  assert.throws(() => Reflect.apply(prototype.listen, new Server(), [0]), /listens when it is loaded/)
  await assert.rejects(
    refused,
    /move preload\(\) to a module of its own, and name it by the setting `preload`/,
  )
})
