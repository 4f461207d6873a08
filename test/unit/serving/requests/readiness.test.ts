// The path of health_check in a server that is about to stop.

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { pathOf } from '../../../../src/serving/requests/readiness.ts'

test('the path of a request is what is before its query', () => {
  const paths = ['/ready', '/ready?full=1', '/ready/', '/?/ready', ''].map((url) =>
    pathOf({ url } as IncomingMessage),
  )
  assert.deepEqual(paths, ['/ready', '/ready', '/ready/', '/', ''])
})
