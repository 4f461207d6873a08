// Parsing and formatting of sizes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatSize, parseSize } from '../../../../src/config/settings/size.ts'

test('a size is a number of bytes, or has a letter for a power of 1024', () => {
  const sizes = {
    '0': 0,
    '512': 512,
    '512B': 512,
    '64K': 65_536,
    '64k': 65_536,
    '1.5M': 1_572_864,
    '2GB': 2 ** 31,
    '2 GiB': 2 ** 31,
    '1T': 2 ** 40,
  }
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text)
  for (const text of ['', 'M', '-1', '1e6', '1X', '0x10', '1KK', '99999999T', 'NaN'])
    assert.equal(parseSize(text), undefined, text)
})

test('a size is formatted as short as possible without rounding', () => {
  const shown = { 0: '0', 1000: '1000', 1024: '1K', 8_388_608: '8M', 1_572_864: '1536K', 1_073_741_824: '1G' }
  for (const [bytes, text] of Object.entries(shown)) {
    assert.equal(formatSize(Number(bytes)), text)
    assert.equal(parseSize(text), Number(bytes))
  }
})
