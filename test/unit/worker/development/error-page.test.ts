// The page of an app that does not start.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderError } from '../../../../src/worker/development/error-page.ts'

const error = { message: `/srv/a.ts:1:2: <b>"no" & 'more'`, stack: 'Error: <i>\n    at f (/srv/a.ts:1:2)' }

test('a browser gets HTML in which nothing of the error is markup', () => {
  const { type, body } = renderError(error, 'text/html,application/xhtml+xml,*/*;q=0.8')
  assert.equal(type, 'text/html; charset=utf-8')
  assert.match(body, /<pre>\/srv\/a\.ts:1:2: &lt;b&gt;&quot;no&quot; &amp; &#39;more&#39;<\/pre>/)
  assert.doesNotMatch(body, /<b>|<i>/)
})

test('any other client gets text as it is', () => {
  for (const accept of ['', '*/*', 'application/json']) {
    const { type, body } = renderError(error, accept)
    assert.equal(type, 'text/plain; charset=utf-8')
    assert.ok(body.includes(error.message) && body.includes(error.stack))
    assert.match(body, /Save the one that is broken again/)
  }
})
