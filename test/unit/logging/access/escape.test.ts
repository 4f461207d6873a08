// Text from a client cannot leave its field in a line.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  asciiJsonString,
  escapeBareText,
  escapeControl,
  escapeText,
  jsonString,
} from '../../../../src/logging/access/escape.ts'
import { hostileStrings, randomStrings } from './sample.ts'

test('an ordinary string is not changed by any escape', () => {
  const ordinary = 'Mozilla/5.0_(X11;Linux)'
  assert.equal(escapeText(ordinary), ordinary)
  assert.equal(escapeBareText(ordinary), ordinary)
  assert.equal(asciiJsonString(ordinary), `"${ordinary}"`)
})

test('letters of all languages are kept in messages, and escaped to ASCII in an access line', () => {
  const letters = '\u00e9\u00ff\u4e2d\u{1f680}'
  assert.equal(escapeControl(letters), letters)
  assert.equal(jsonString(letters), `"${letters}"`)
  assert.equal(escapeText(letters), '\\xe9\\xff\\u4e2d\\ud83d\\ude80')
  assert.equal(asciiJsonString(letters), '"\\u00e9\\u00ff\\u4e2d\\ud83d\\ude80"')
})

test('quotes and backslashes are escaped in a text format, but not in messages', () => {
  assert.equal(escapeText('say "hi" \\'), 'say \\"hi\\" \\\\')
  assert.equal(escapeControl('say "hi" \\'), 'say "hi" \\')
})

test('C0, DEL, C1 and the Unicode line breaks are written as hexadecimal escapes', () => {
  const cases = {
    '\0': '\\x00',
    '\n': '\\x0a',
    '\u001b': '\\x1b',
    '\u007f': '\\x7f',
    '\u0085': '\\x85',
    '\u009b': '\\x9b',
  }
  for (const [raw, escaped] of Object.entries({ ...cases, '\u2028': '\\u2028', '\u2029': '\\u2029' })) {
    for (const escape of [escapeText, escapeBareText, escapeControl])
      assert.equal(escape(`<${raw}>`), `<${escaped}>`)
  }
})

test('white space is escaped only where it would end the column', () => {
  assert.equal(escapeBareText('a b\u00a0c\u3000d'), 'a\\x20b\\xa0c\\u3000d')
  assert.equal(escapeText('a b'), 'a b')
})

test('escapes can be reversed, so different values never look the same', () => {
  const undo = (text: string): string =>
    text.replace(
      /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(["\\]))/g,
      (_, byte?: string, unit?: string, plain?: string) => {
        const code = byte ?? unit
        return code === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(code, 16))
      },
    )
  for (const text of [...hostileStrings, ...randomStrings(2000)]) {
    assert.equal(undo(escapeText(text)), text)
    assert.equal(undo(escapeBareText(text)), text)
  }
})

test('a JSON string parses to the same string, without control characters, line breaks or lone surrogates', () => {
  for (const text of [...hostileStrings, ...randomStrings(2000)]) {
    const json = jsonString(text)
    assert.equal(JSON.parse(json), text)
    assert.doesNotMatch(json, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
    assert.equal(Buffer.from(json).toString(), json, 'survives UTF-8')
  }
})
