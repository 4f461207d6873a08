// Settings of the section `limits`: what a client may send, and how slowly. Used by the arbiter and the
// command line.

import * as z from 'zod'
import { seconds, size } from './common.ts'
import { setting } from './row.ts'
import { formatSize } from './size.ts'

const count = z.int().min(0).max(1_000_000)
/** A head is kept in memory as a whole. */
const largestHead = 2 ** 20
const headSize = size.refine((bytes) => bytes <= largestHead, { error: 'expected 1M or less' })

export const limitsSettings = {
  max_connections: setting({
    section: 'limits',
    schema: count,
    default: 0,
    flag: '--max-connections <number>',
    text: 'number',
    expects: 'a whole number, 0 or more',
    doc:
      'Maximum number of connections of the whole server; further ones wait in the queue of the socket ' +
      '(`backlog`). It is divided among `workers`, and each accepts at most `worker_connections`. Workers ' +
      'that drain count apart. 0 means no limit but `worker_connections`.',
  }),
  max_connections_per_ip: setting({
    section: 'limits',
    schema: count,
    default: 0,
    flag: '--max-connections-per-ip <number>',
    text: 'number',
    expects: 'a whole number, 0 or more',
    doc:
      'Maximum number of connections of one address with all workers together; further ones are closed. ' +
      'Trusted proxies (`forwarded_allow_ips`) and unix sockets are not limited. 0 means no limit.',
  }),
  limit_request_line: setting({
    section: 'limits',
    schema: headSize,
    default: 4094,
    print: formatSize,
    flag: '--limit-request-line <bytes>',
    text: 'number',
    expects: 'a size up to 1M such as 4094 or "8K"',
    doc:
      'Maximum size of the request line: method, target and version. A longer one gets a 414. 0 leaves ' +
      'only ' +
      'the limit of the whole head (docs/run/limits.md).',
  }),
  limit_request_fields: setting({
    section: 'limits',
    schema: count,
    default: 100,
    flag: '--limit-request-fields <number>',
    text: 'number',
    expects: 'a whole number, 0 or more',
    doc: 'Maximum number of header fields. A request with more gets a 431. 0 means no limit.',
  }),
  limit_request_field_size: setting({
    section: 'limits',
    schema: headSize,
    default: 8190,
    print: formatSize,
    flag: '--limit-request-field-size <bytes>',
    text: 'number',
    expects: 'a size up to 1M such as 8190 or "16K"',
    doc:
      'Maximum size of a header field, with its name and the end of its line. A request with a larger one ' +
      'gets a 431. 0 leaves only the limit of the whole head (docs/run/limits.md).',
  }),
  limit_request_body: setting({
    section: 'limits',
    unit: 'bytes',
    schema: size,
    default: 0,
    print: formatSize,
    flag: '--limit-request-body <bytes>',
    text: 'number',
    expects: 'a size such as "10M"',
    doc:
      'Maximum size of a request body. A larger one gets a 413: before the app gets the request if ' +
      'Content-Length says so, else while the body arrives. 0 means no limit.',
  }),
  header_timeout: setting({
    section: 'limits',
    unit: 'seconds',
    schema: seconds,
    default: 60,
    flag: '--header-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'Maximum time for a client to send the head of a request. After that it gets a 408; a new connection ' +
      'without a byte is closed. 0 means no limit.',
  }),
  body_timeout: setting({
    section: 'limits',
    unit: 'seconds',
    schema: seconds,
    default: 60,
    flag: '--body-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'Maximum time in which no byte of a body moves. A client that stops sending a request body gets ' +
      'a 408, ' +
      'and the connection of one that stops reading a response is closed. An upload or a download that ' +
      'goes ' +
      'on may take as long as it needs. 0 means no limit.',
  }),
} as const
