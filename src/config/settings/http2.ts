// Settings of the section `http2`. Used by the arbiter and the command line.

import * as z from 'zod'
import { size } from './common.ts'
import { setting } from './row.ts'
import { formatSize } from './size.ts'

const protocol = z.enum(['h1', 'h2'])

/** Limits of RFC 9113, 6.5.2. */
const window = size.refine((bytes) => bytes >= 1 && bytes < 2 ** 31, { error: 'expected 1 to 2147483647' })
const frame = size.refine((bytes) => bytes >= 16_384 && bytes < 2 ** 24, {
  error: 'expected 16K to ' + '16777215',
})

export const http2Settings = {
  http_protocols: setting({
    section: 'http2',
    schema: z.array(protocol).min(1),
    default: ['h1'],
    flag: '--http-protocols <list>',
    text: 'words',
    expects: 'a list of "h1" and "h2"',
    doc:
      'Versions of HTTP: `["h2", "h1"]` adds HTTP/2. With TLS a client chooses in the handshake (ALPN), ' +
      'the first one of the list is preferred; without TLS it has to know that the server speaks HTTP/2, ' +
      'as a proxy does (docs/run/http2.md).',
  }),
  http2_max_concurrent_streams: setting({
    section: 'http2',
    schema: z
      .int()
      .min(1)
      .max(2 ** 31 - 1),
    default: 100,
    flag: '--http2-max-concurrent-streams <number>',
    text: 'number',
    expects: 'a whole number, 1 or more',
    doc: 'Maximum number of requests at a time on one connection of HTTP/2.',
  }),
  http2_initial_window_size: setting({
    section: 'http2',
    schema: window,
    default: 65_535,
    print: formatSize,
    flag: '--http2-initial-window-size <bytes>',
    text: 'number',
    expects: 'a size such as 65535 or "1M"',
    doc: 'Bytes of a request body that a client of HTTP/2 may send before the app has read any.',
  }),
  http2_max_frame_size: setting({
    section: 'http2',
    schema: frame,
    default: 16_384,
    print: formatSize,
    flag: '--http2-max-frame-size <bytes>',
    text: 'number',
    expects: 'a size from 16384 to 16777215',
    doc: 'Largest frame that a client of HTTP/2 may send.',
  }),
  http2_max_header_list_size: setting({
    section: 'http2',
    schema: size,
    default: 65_536,
    print: formatSize,
    flag: '--http2-max-header-list-size <bytes>',
    text: 'number',
    expects: 'a size such as "64K"',
    doc:
      'Maximum size of all header fields of a request of HTTP/2. Clients learn it from SETTINGS, and a ' +
      'request with more is refused.',
  }),
} as const
