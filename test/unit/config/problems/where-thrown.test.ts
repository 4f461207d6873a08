import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whereThrown } from '../../../../src/config/problems/where-thrown.ts'

test("an error was thrown at the first frame of the user's code", () => {
  const error = new Error('x')
  error.stack =
    'Error: x\n    at read (node:fs:1:1)\n    at f (/app/node_modules/p/i.js:2:3)\n    at ' +
    'file:///app/my%20app.ts:4:5\n    at g (/app/b.ts:6:7)'
  assert.equal(whereThrown(error), '/app/my app.ts:4:5')
  error.stack = 'Error: x\n    at read (node:fs:1:1)'
  assert.equal(whereThrown(error), undefined)
})
