// The error of a call, as frameworks and logs read it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTaskCode, taskCodes, type TaskErrorCode } from '../../../../src/tasks/model/codes.ts'
import { TaskError } from '../../../../src/tasks/model/task-error.ts'

const codes = Object.keys(taskCodes).filter(isTaskCode)

test('each code has its status under all names, and hides its message', async () => {
  for (const code of codes) {
    const error = new TaskError(code, { task: 'ocr', message: 'secret' })
    const { status } = taskCodes[code]
    assert.deepEqual([error.status, error.expose], [status, false])
    // Nest sends the message of an error that has it
    assert.equal(error.statusCode, code === 'TASK_FAILED' ? undefined : status)
    const response = error.getResponse()
    assert.equal(response.status, status)
    assert.doesNotMatch(await response.text(), /secret/)
  }
})

test('the statuses are those of the documentation', () => {
  const statuses: Record<TaskErrorCode, number> = {
    TASK_QUEUE_FULL: 503,
    TASK_STOPPING: 503,
    TASK_TIMEOUT: 504,
    TASK_LOST: 502,
    TASK_FAILED: 500,
  }
  assert.deepEqual(Object.fromEntries(codes.map((code) => [code, taskCodes[code].status])), statuses)
})

test('retryAfter becomes a header', () => {
  const error = new TaskError('TASK_QUEUE_FULL', { task: 'ocr', retryAfter: 3 })
  assert.deepEqual(error.headers, { 'retry-after': '3' })
  assert.equal(error.getResponse().headers.get('retry-after'), '3')
  assert.deepEqual(new TaskError('TASK_LOST', { task: 'ocr' }).headers, {})
})

test('a log shows the code and the task, and no more', () => {
  const error = new TaskError('TASK_LOST', { task: 'ocr' })
  assert.deepEqual(Object.keys(error).sort(), ['code', 'task'])
  assert.match(String(error.stack), /^TaskError: the task ocr was lost/)
})
