// Frames of HTTP/2, valid and not, each with the section of the RFC that decides it and what a server may do.
// The app reads the body of a request and responds with 200; `/late` does so after a moment.

import {
  continuation,
  data,
  encode,
  flags,
  frame,
  goaway,
  headers,
  integer,
  literal,
  ping,
  preface,
  request,
  requestFields,
  reset,
  settingIds,
  settings,
  settingsAck,
  types,
  uint32,
  windowUpdate,
  type Field,
} from '../helpers/http2-frames.ts'

/** Bytes to send, or the stream whose end is awaited before the next ones. */
export type Step = Buffer | { readonly endOf: number }

export interface Case {
  readonly name: string
  readonly rfc: string
  readonly steps: readonly Step[]
  /**
   * What may happen: `connection CODE`, `stream N CODE`, `stream N STATUS`, and `goes on` for a connection
   * that lives while no stream is expected to end.
   */
  readonly allowed: readonly string[]
  /** The stream that is watched. */
  readonly stream: number
  /** It sends the preface itself. */
  readonly isRaw: boolean
  /** How node:http2 and nghttp2 fail it, all or some of their versions. */
  readonly fault: string | undefined
}

type Row = readonly [
  name: string,
  rfc: string,
  steps: readonly Step[] | Step,
  allowed: readonly string[] | string,
]

const { endStream, endHeaders, padded, priority } = flags
const block = encode(requestFields())
const post = (path = '/'): Buffer => request(1, { ':method': 'POST', ':path': path }, endHeaders)
const late = request(1, { ':path': '/late' })
const get = request(1)
const served = 'stream 1 200'
const broken = (code: string, stream = 1): readonly string[] => [
  `stream ${stream} ${code}`,
  `connection ${code}`,
]
/** A malformed request (RFC 9113, 8.1.1). */
const malformed = [...broken('PROTOCOL_ERROR'), 'stream 1 400']
const pad = (length: number, content: Uint8Array, padding: number): Buffer =>
  Buffer.concat([Buffer.of(length), content, Buffer.alloc(padding)])
/** Fields of a request as they stand. */
const fields = (...list: readonly Field[]): Buffer => headers(1, encode(list))
const base = requestFields()
const withField = (name: string, value: string): Buffer => fields(...base, [name, value])
const trailers = (...list: readonly Field[]): Buffer => headers(1, encode(list))
const maximum = 2 ** 31 - 1

const prefaces: readonly Row[] = [
  ['the preface and SETTINGS', '3.4', [preface, settings(), settingsAck, get], served],
  [
    'the preface in two parts',
    '3.4',
    [preface.subarray(0, 20), preface.subarray(20), settings(), get],
    served,
  ],
  ['a request before the SETTINGS of the server', '3.4', [preface, settings(), get], served],
  ['a preface that is not followed by SETTINGS', '3.4', [preface, ping()], 'connection PROTOCOL_ERROR'],
  [
    'a preface with a wrong last part',
    '3.4',
    Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'),
    'connection PROTOCOL_ERROR',
  ],
  ['something else', '3.4', Buffer.from('INVALID CONNECTION PREFACE\r\n\r\n'), 'connection PROTOCOL_ERROR'],
]

const format: readonly Row[] = [
  ['a frame of an unknown type', '4.1', [frame(0xbb, 0, 0, 'unknown'), get], served],
  [
    'a frame of an unknown type on a stream',
    '5.5',
    [post(), frame(0xbb, 0xff, 1, 'x'), data(1, 'a')],
    served,
  ],
  ['a frame of an unknown type on an idle stream', '5.5', frame(0xbb, 0, 9, 'x'), 'goes on'],
  ['PING with undefined flags', '4.1', ping('flags...', 0xfe), 'goes on'],
  ['the reserved bit of a stream’s number', '4.1', frame(types.ping, 0, 0x80000000, 'reserved'), 'goes on'],
  ['DATA as large as a frame may be', '4.2', [post(), data(1, Buffer.alloc(16_384))], served],
  [
    'DATA larger than a frame may be',
    '4.2',
    [post(), data(1, Buffer.alloc(16_385))],
    broken('FRAME_SIZE_ERROR'),
  ],
  [
    'HEADERS larger than a frame may be',
    '4.2',
    headers(1, encode([...base, ['x', 'a'.repeat(16_384)]])),
    'connection FRAME_SIZE_ERROR',
  ],
  [
    'SETTINGS larger than a frame may be',
    '4.2',
    frame(4, 0, 0, Buffer.alloc(16_386)),
    'connection FRAME_SIZE_ERROR',
  ],
  [
    'a header block of 40,000 bytes in CONTINUATION',
    '6.10',
    [
      headers(1, encode([...base, ['x', 'a'.repeat(10_000)]]), endStream),
      continuation(1, encode([['x1', 'a'.repeat(15_000)]]), 0),
      continuation(1, encode([['x2', 'a'.repeat(15_000)]])),
    ],
    ['stream 1 431', served],
  ],
]

const states: readonly Row[] = [
  ['idle: DATA', '5.1', data(1, 'test'), 'connection PROTOCOL_ERROR'],
  ['idle: RST_STREAM', '5.1', reset(1), 'connection PROTOCOL_ERROR'],
  ['idle: WINDOW_UPDATE', '5.1', windowUpdate(1, 100), 'connection PROTOCOL_ERROR'],
  ['idle: CONTINUATION', '5.1', continuation(1, block), 'connection PROTOCOL_ERROR'],
  ['idle: PRIORITY', '5.1', frame(types.priority, 0, 1, [0, 0, 0, 0, 1]), 'goes on'],
  ['half closed (remote): DATA', '5.1', [late, data(1, 'test')], broken('STREAM_CLOSED')],
  ['half closed (remote): HEADERS', '5.1', [late, headers(1, block)], broken('STREAM_CLOSED')],
  [
    'half closed (remote): CONTINUATION',
    '5.1',
    [late, continuation(1, block)],
    [...broken('STREAM_CLOSED'), 'connection PROTOCOL_ERROR'],
  ],
  ['half closed (remote): WINDOW_UPDATE', '5.1', [late, windowUpdate(1, 100)], served],
  ['half closed (remote): PRIORITY', '5.1', [late, frame(types.priority, 0, 1, [0, 0, 0, 0, 1])], served],
  ['half closed (remote): RST_STREAM', '5.1', [late, reset(1)], 'goes on'],
  [
    'DATA behind a head that ends the stream, at once',
    '5.1',
    [get, data(1, 'test')],
    broken('STREAM_CLOSED'),
  ],
  ['HEADERS behind a head that ends the stream, at once', '5.1', [get, get], broken('STREAM_CLOSED')],
  ['reset: DATA', '5.1', [post(), reset(1), data(1, 'test')], broken('STREAM_CLOSED')],
  ['reset: HEADERS', '5.1', [post(), reset(1), headers(1, block)], broken('STREAM_CLOSED')],
  [
    'reset: CONTINUATION',
    '5.1',
    [post(), reset(1), continuation(1, block)],
    [...broken('STREAM_CLOSED'), 'connection PROTOCOL_ERROR'],
  ],
  ['reset: WINDOW_UPDATE', '5.1', [post(), reset(1), windowUpdate(1, 100)], 'goes on'],
  ['reset: PRIORITY', '5.1', [post(), reset(1), frame(types.priority, 0, 1, [0, 0, 0, 0, 1])], 'goes on'],
  ['reset: RST_STREAM', '5.1', [post(), reset(1), reset(1)], 'goes on'],
  ['closed: DATA', '5.1', [get, { endOf: 1 }, data(1, 'test')], 'connection STREAM_CLOSED'],
  ['closed: HEADERS', '5.1', [get, { endOf: 1 }, get], 'connection STREAM_CLOSED'],
  [
    'closed: CONTINUATION',
    '5.1',
    [get, { endOf: 1 }, continuation(1, block)],
    ['connection STREAM_CLOSED', 'connection PROTOCOL_ERROR'],
  ],
  ['closed: WINDOW_UPDATE', '5.1', [get, { endOf: 1 }, windowUpdate(1, 1)], served],
  ['closed: PRIORITY', '5.1', [get, { endOf: 1 }, frame(types.priority, 0, 1, [0, 0, 0, 0, 1])], served],
  ['closed: RST_STREAM', '5.1', [get, { endOf: 1 }, reset(1)], ['stream 1 200', 'connection STREAM_CLOSED']],
  ['an even number', '5.1.1', request(2), 'connection PROTOCOL_ERROR'],
  ['a number below that of the last stream', '5.1.1', [request(5), request(3)], 'connection PROTOCOL_ERROR'],
  ['numbers are left out', '5.1.1', [request(7), { endOf: 7 }, request(9)], 'stream 9 200'],
  [
    'more streams than are allowed',
    '5.1.2',
    Array.from({ length: 101 }, (_, index) => request(2 * index + 1, { ':path': '/late' })),
    [...broken('REFUSED_STREAM', 201), ...broken('PROTOCOL_ERROR', 201)],
  ],
  [
    'a connection error ends with GOAWAY and the connection',
    '5.4.1',
    frame(types.ping, 0, 3, 'no'),
    'connection FRAME_SIZE_ERROR',
  ],
]

const headerFrames: readonly Row[] = [
  ['HEADERS on stream 0', '6.2', headers(0, block), 'connection PROTOCOL_ERROR'],
  ['HEADERS with padding', '6.2', headers(1, pad(5, block, 5), endStream | endHeaders | padded), served],
  [
    'HEADERS with more padding than there is',
    '6.2',
    headers(1, pad(200, block, 0), endStream | endHeaders | padded),
    'connection PROTOCOL_ERROR',
  ],
  [
    'HEADERS with priority',
    '6.2',
    headers(1, Buffer.concat([uint32(0), Buffer.of(15), block]), endStream | endHeaders | priority),
    served,
  ],
  [
    'HEADERS with padding and priority',
    '6.2',
    headers(
      1,
      pad(3, Buffer.concat([uint32(0x80000000), Buffer.of(255), block]), 3),
      endStream | endHeaders | padded | priority,
    ),
    served,
  ],
  [
    'HEADERS that depend on their own stream',
    '5.3.1 of RFC 7540',
    headers(1, Buffer.concat([uint32(1), Buffer.of(255), block]), endStream | endHeaders | priority),
    // RFC 9113 has deprecated priorities.
    [...broken('PROTOCOL_ERROR'), served],
  ],
  [
    'HEADERS with priority that are too short',
    '6.2',
    headers(1, Buffer.alloc(3), endHeaders | priority),
    'connection FRAME_SIZE_ERROR',
  ],
  [
    'CONTINUATION',
    '6.10',
    [headers(1, block.subarray(0, 9), endStream), continuation(1, block.subarray(9))],
    served,
  ],
  [
    'several CONTINUATION, one of them empty',
    '6.10',
    [
      headers(1, block.subarray(0, 0), endStream),
      continuation(1, block.subarray(0, 9), 0),
      continuation(1, '', 0),
      continuation(1, block.subarray(9)),
    ],
    served,
  ],
  [
    'PRIORITY within a header block',
    '6.2',
    [headers(1, block, endStream), frame(types.priority, 0, 1, [0, 0, 0, 0, 1])],
    'connection PROTOCOL_ERROR',
  ],
  ['PING within a header block', '6.2', [headers(1, block, endStream), ping()], 'connection PROTOCOL_ERROR'],
  [
    'DATA within a header block',
    '6.10',
    [headers(1, block, 0), data(1, 'test')],
    'connection PROTOCOL_ERROR',
  ],
  [
    'HEADERS of another stream within a block',
    '6.2',
    [headers(1, block, endStream), request(3)],
    'connection PROTOCOL_ERROR',
  ],
  [
    'CONTINUATION of another stream',
    '6.10',
    [headers(1, block, endStream), continuation(3, block)],
    'connection PROTOCOL_ERROR',
  ],
  [
    'an unknown frame within a header block',
    '5.5',
    [headers(1, block, endStream), frame(0xbb, 0, 0, 'x')],
    'connection PROTOCOL_ERROR',
  ],
  [
    'CONTINUATION on stream 0',
    '6.10',
    [headers(1, block, endStream), continuation(0, block)],
    'connection PROTOCOL_ERROR',
  ],
  [
    'CONTINUATION behind a complete block',
    '6.10',
    [post(), continuation(1, block)],
    'connection PROTOCOL_ERROR',
  ],
  [
    'CONTINUATION behind the last CONTINUATION',
    '6.10',
    [
      headers(1, block.subarray(0, 9), 0),
      continuation(1, block.subarray(9)),
      continuation(1, encode([['a', 'b']])),
    ],
    'connection PROTOCOL_ERROR',
  ],
  [
    'CONTINUATION behind DATA',
    '6.10',
    [post(), data(1, 'a', 0), continuation(1, block)],
    'connection PROTOCOL_ERROR',
  ],
]

const dataFrames: readonly Row[] = [
  ['DATA on stream 0', '6.1', data(0, 'test'), 'connection PROTOCOL_ERROR'],
  ['DATA in several frames', '6.1', [post(), data(1, 'a', 0), data(1, '', 0), data(1, 'b')], served],
  ['DATA with padding', '6.1', [post(), data(1, pad(9, Buffer.from('test'), 9), endStream | padded)], served],
  [
    'DATA that is padding alone',
    '6.1',
    [post(), data(1, pad(9, Buffer.of(), 9), endStream | padded)],
    served,
  ],
  [
    'DATA with as much padding as there is',
    '6.1',
    [post(), data(1, Buffer.of(5, 1, 2, 3, 4), endStream | padded)],
    'connection PROTOCOL_ERROR',
  ],
  [
    'DATA with padding and no length of it',
    '6.1',
    [post(), data(1, '', endStream | padded)],
    ['connection FRAME_SIZE_ERROR', 'connection PROTOCOL_ERROR'],
  ],
]

const control: readonly Row[] = [
  ['PRIORITY', '6.3', [frame(types.priority, 0, 3, [0, 0, 0, 0, 255]), get], served],
  ['PRIORITY, exclusive', '6.3', [frame(types.priority, 0, 3, [0x80, 0, 0, 1, 7]), get], served],
  ['PRIORITY on stream 0', '6.3', frame(types.priority, 0, 0, [0, 0, 0, 1, 7]), 'connection PROTOCOL_ERROR'],
  [
    'PRIORITY of a wrong length',
    '6.3',
    [post(), frame(types.priority, 0, 1, [0, 0, 0, 1])],
    broken('FRAME_SIZE_ERROR'),
  ],
  [
    'PRIORITY that depends on its own stream',
    '5.3.1 of RFC 7540',
    [post(), frame(types.priority, 0, 1, [0, 0, 0, 1, 7]), data(1, 'a')],
    [...broken('PROTOCOL_ERROR'), served],
  ],
  ['RST_STREAM', '6.4', [post(), reset(1)], 'goes on'],
  ['RST_STREAM with an unknown code', '7', [post(), reset(1, 0xff)], 'goes on'],
  ['RST_STREAM on stream 0', '6.4', reset(0), 'connection PROTOCOL_ERROR'],
  [
    'RST_STREAM of a wrong length',
    '6.4',
    [post(), frame(types.reset, 0, 1, 'abc')],
    'connection FRAME_SIZE_ERROR',
  ],
  ['SETTINGS', '6.5', settings([settingIds.window, 1000], [settingIds.concurrency, 9]), 'goes on'],
  ['SETTINGS without an entry', '6.5', settings(), 'goes on'],
  [
    'an acknowledgement of SETTINGS with a payload',
    '6.5',
    frame(4, flags.ack, 0, Buffer.alloc(6)),
    'connection FRAME_SIZE_ERROR',
  ],
  ['SETTINGS on a stream', '6.5', frame(4, 0, 1, Buffer.alloc(6)), 'connection PROTOCOL_ERROR'],
  ['SETTINGS of a wrong length', '6.5', frame(4, 0, 0, Buffer.alloc(5)), 'connection FRAME_SIZE_ERROR'],
  ['SETTINGS_ENABLE_PUSH 1', '6.5.2', [settings([settingIds.push, 1]), get], served],
  ['SETTINGS_ENABLE_PUSH 2', '6.5.2', settings([settingIds.push, 2]), 'connection PROTOCOL_ERROR'],
  [
    'SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1',
    '6.5.2',
    settings([settingIds.window, 2 ** 31]),
    'connection FLOW_CONTROL_ERROR',
  ],
  [
    'SETTINGS_MAX_FRAME_SIZE below 2^14',
    '6.5.2',
    settings([settingIds.frameSize, 16_383]),
    'connection PROTOCOL_ERROR',
  ],
  [
    'SETTINGS_MAX_FRAME_SIZE above 2^24-1',
    '6.5.2',
    settings([settingIds.frameSize, 2 ** 24]),
    'connection PROTOCOL_ERROR',
  ],
  [
    'SETTINGS_ENABLE_CONNECT_PROTOCOL 2',
    '3 of RFC 8441',
    settings([8, 2]),
    ['connection PROTOCOL_ERROR', 'goes on'],
  ],
  ['an unknown setting', '6.5.2', [settings([0xff, 1]), get], served],
  ['one setting several times', '6.5.3', [settings([4, 100], [4, 1]), settings([4, 65_535]), get], served],
  ['PING', '6.7', ping('........'), 'goes on'],
  ['the response to a PING that was not sent', '6.7', [ping('invalid.', flags.ack), get], served],
  ['PING on a stream', '6.7', frame(types.ping, 0, 1, 'invalid.'), 'connection PROTOCOL_ERROR'],
  ['PING of a wrong length', '6.7', frame(types.ping, 0, 0, 'short'), 'connection FRAME_SIZE_ERROR'],
  ['GOAWAY on a stream', '6.8', frame(types.goaway, 0, 1, uint32(0, 0)), 'connection PROTOCOL_ERROR'],
  ['GOAWAY that is too short', '6.8', frame(types.goaway, 0, 0, uint32(0)), 'connection FRAME_SIZE_ERROR'],
  ['a request, then GOAWAY', '6.8', [late, goaway(0, 0)], served],
  ['GOAWAY with an unknown code', '7', goaway(0, 0xff), ['goes on', 'connection NO_ERROR']],
  [
    'PUSH_PROMISE',
    '8.4',
    [post(), frame(types.pushPromise, endHeaders, 1, Buffer.concat([uint32(2), block]))],
    'connection PROTOCOL_ERROR',
  ],
]

const tiny = settings([settingIds.window, 1])

const flow: readonly Row[] = [
  ['WINDOW_UPDATE of the connection', '6.9', [windowUpdate(0, 100), get], served],
  ['WINDOW_UPDATE of a stream', '6.9', [late, windowUpdate(1, 100)], served],
  ['WINDOW_UPDATE of 0', '6.9', windowUpdate(0, 0), 'connection PROTOCOL_ERROR'],
  ['WINDOW_UPDATE of 0 on a stream', '6.9', [late, windowUpdate(1, 0)], broken('PROTOCOL_ERROR')],
  [
    'WINDOW_UPDATE of a wrong length',
    '6.9',
    frame(types.windowUpdate, 0, 0, 'abc'),
    'connection FRAME_SIZE_ERROR',
  ],
  [
    'a window of the connection above 2^31-1',
    '6.9.1',
    [windowUpdate(0, maximum), windowUpdate(0, maximum)],
    'connection FLOW_CONTROL_ERROR',
  ],
  [
    'a window of a stream above 2^31-1',
    '6.9.1',
    [late, windowUpdate(1, maximum), windowUpdate(1, maximum)],
    broken('FLOW_CONTROL_ERROR'),
  ],
  [
    'a window that a setting puts above 2^31-1',
    '6.9.2',
    [late, windowUpdate(1, maximum - 65_535), settings([4, maximum])],
    broken('FLOW_CONTROL_ERROR'),
  ],
  ['a window of 1', '6.9.1', [tiny, get, windowUpdate(1, 1000)], served],
  ['a window that grows by a setting', '6.9.2', [settings([4, 0]), get, settings([4, 1000])], served],
  [
    'a window that is negative for a while',
    '6.9.2',
    [settings([4, 3]), late, settings([4, 0]), windowUpdate(1, 1), windowUpdate(1, 1000)],
    served,
  ],
  [
    'more DATA than the window of the stream',
    '6.9.1',
    [
      request(1, { ':method': 'POST', ':path': '/deaf' }, endHeaders),
      ...Array.from({ length: 30 }, () => data(1, Buffer.alloc(16_384), 0)),
    ],
    broken('FLOW_CONTROL_ERROR'),
  ],
]

const messages: readonly Row[] = [
  ['GET', '8.1', get, served],
  ['HEAD', '8.1', request(1, { ':method': 'HEAD' }), served],
  ['POST', '8.1', [post(), data(1, 'test')], served],
  ['POST with trailers', '8.1', [post(), data(1, 'test', 0), trailers(['x-trailer', 'a'])], served],
  ['OPTIONS *', '8.3.1', request(1, { ':method': 'OPTIONS', ':path': '*' }), served],
  [
    'trailers without the end of the stream',
    '8.1',
    [post(), data(1, 'test', 0), headers(1, encode([['x', 'a']]), endHeaders)],
    malformed,
  ],
  ['a second head without an end', '8.1', [post(), headers(1, block, endHeaders)], malformed],
  ['a name in upper case', '8.2.1', withField('X-Test', 'a'), malformed],
  ['an empty name', '8.2.1', withField('', 'a'), malformed],
  ['a name with a space', '8.2.1', withField('x test', 'a'), malformed],
  ['a name with a colon', '8.2.1', withField('x:test', 'a'), malformed],
  ['a name of Latin-1', '8.2.1', withField('x-\xe9', 'a'), malformed],
  ['a value with NUL', '8.2.1', withField('x', 'a\0b'), malformed],
  ['a value with CR', '8.2.1', withField('x', 'a\rb'), malformed],
  ['a value with LF', '8.2.1', withField('x', 'a\nb'), malformed],
  ['a value that begins with a space', '8.2.1', withField('x', ' a'), malformed],
  ['a value that ends with a tab', '8.2.1', withField('x', 'a\t'), malformed],
  ['a value of Latin-1', '8.2.1', withField('x', '\xe9'), served],
  ['an empty value', '8.2.1', withField('x', ''), served],
  ['Connection', '8.2.2', withField('connection', 'keep-alive'), malformed],
  ['Keep-Alive', '8.2.2', withField('keep-alive', 'timeout=5'), malformed],
  ['Proxy-Connection', '8.2.2', withField('proxy-connection', 'keep-alive'), malformed],
  ['Transfer-Encoding', '8.2.2', withField('transfer-encoding', 'chunked'), malformed],
  ['Upgrade', '8.2.2', withField('upgrade', 'h2c'), malformed],
  ['TE with trailers', '8.2.2', withField('te', 'trailers'), served],
  ['TE with another value', '8.2.2', withField('te', 'trailers, deflate;q=0.5'), malformed],
  ['several Cookie', '8.2.3', fields(...base, ['cookie', 'a=1'], ['cookie', 'b=2']), served],
  ['an unknown pseudo-header', '8.3', fields(...base, [':test', 'a']), malformed],
  ['a pseudo-header of a response', '8.3', fields(...base, [':status', '200']), malformed],
  [
    'a pseudo-header in trailers',
    '8.3',
    [post(), data(1, 'test', 0), trailers([':method', 'GET'])],
    malformed,
  ],
  [
    'a pseudo-header behind a field',
    '8.3',
    fields(...base.slice(1), ['x', 'a'], [':method', 'GET']),
    malformed,
  ],
  ...['method', 'scheme', 'path'].map((name): Row => [
    `no :${name}`,
    '8.3.1',
    request(1, { [`:${name}`]: undefined }),
    malformed,
  ]),
  ...['method', 'scheme', 'path', 'authority'].map((name): Row => [
    `:${name} twice`,
    '8.3',
    fields(...base, base.find(([each]) => each === `:${name}`) ?? ['', '']),
    malformed,
  ]),
  ['an empty :path', '8.3.1', request(1, { ':path': '' }), malformed],
  ['an empty :method', '8.3.1', request(1, { ':method': '' }), malformed],
  ['an empty :scheme', '8.3.1', request(1, { ':scheme': '' }), malformed],
  ['a :path without a slash', '8.3.1', request(1, { ':path': 'a' }), malformed],
  [':path * with GET', '8.3.1', request(1, { ':path': '*' }), malformed],
  ['a space in :path', '8.3.1', request(1, { ':path': '/a b' }), malformed],
  ['a control character in :path', '8.3.1', request(1, { ':path': '/a\x01' }), malformed],
  ['a fragment in :path', '8.3.1', request(1, { ':path': '/a#b' }), malformed],
  ['a :method that is no token', '8.3.1', request(1, { ':method': 'G ET' }), malformed],
  [
    'a method that Node does not know',
    '9110 9',
    request(1, { ':method': 'FOO' }),
    [served, 'stream 1 501', ...malformed],
  ],
  ['a :scheme that is none', '8.3.1', request(1, { ':scheme': '1 ' }), malformed],
  ['userinfo in :authority', '8.3.1', request(1, { ':authority': 'u@a' }), malformed],
  ['a space in :authority', '8.3.1', request(1, { ':authority': 'a b' }), malformed],
  ['a path in :authority', '8.3.1', request(1, { ':authority': 'a/b' }), malformed],
  ['an empty :authority', '8.3.1', request(1, { ':authority': '' }), malformed],
  ['neither :authority nor Host', '8.3.1', request(1, { ':authority': undefined }), malformed],
  ['Host in place of :authority', '8.3.1', request(1, { ':authority': undefined, host: 'a' }), served],
  [':authority and the same Host', '8.3.1', withField('host', 'a'), served],
  [':authority and another Host', '8.3.1', withField('host', 'b'), malformed],
  [
    'Host twice',
    '8.3.1',
    fields(...base.filter(([name]) => name !== ':authority'), ['host', 'a'], ['host', 'a']),
    malformed,
  ],
  [
    'a Content-Length above the body',
    '8.1.1',
    [
      headers(1, encode([...requestFields({ ':method': 'POST' }), ['content-length', '9']]), endHeaders),
      data(1, 'test'),
    ],
    malformed,
  ],
  [
    'a Content-Length below the body, in several frames',
    '8.1.1',
    [
      headers(1, encode([...requestFields({ ':method': 'POST' }), ['content-length', '1']]), endHeaders),
      data(1, 'te', 0),
      data(1, 'st'),
    ],
    malformed,
  ],
  ['a Content-Length without a body', '8.1.1', withField('content-length', '1'), malformed],
  ['a Content-Length of 0 without a body', '8.1.1', withField('content-length', '0'), served],
  ['a Content-Length that is no number', '8.1.1', withField('content-length', '0x'), malformed],
  ['a negative Content-Length', '8.1.1', withField('content-length', '-1'), malformed],
  [
    'two Content-Lengths',
    '8.1.1',
    fields(...base, ['content-length', '0'], ['content-length', '0']),
    malformed,
  ],
  [
    'CONNECT',
    '8.5',
    fields([':method', 'CONNECT'], [':authority', 'a:80']),
    ['stream 1 405', 'stream 1 501', ...malformed],
  ],
  ['CONNECT with :path', '8.5', request(1, { ':method': 'CONNECT' }), malformed],
  ['CONNECT without :authority', '8.5', fields([':method', 'CONNECT']), malformed],
  [':protocol without CONNECT', '4 of RFC 8441', fields([':protocol', 'websocket'], ...base), malformed],
  [
    'CONNECT with :protocol and no :path',
    '4 of RFC 8441',
    fields([':method', 'CONNECT'], [':protocol', 'websocket'], [':scheme', 'http'], [':authority', 'a']),
    malformed,
  ],
]

const indexed = Buffer.of(0x82, 0x86, 0x84) // GET http /
const authority = (start: number): Buffer => Buffer.concat([Buffer.of(start), ...literal('a')])
const updates = (...sizes: readonly number[]): Buffer =>
  Buffer.concat(sizes.map((size) => integer(size, 5, 0x20)))
const compressed = (...parts: readonly Uint8Array[]): Buffer => headers(1, Buffer.concat(parts))
const wrong = 'connection COMPRESSION_ERROR'

/** Sections of RFC 7541. */
const compression: readonly Row[] = [
  ['indexed fields', '6.1', compressed(indexed, authority(0x41)), served],
  [
    'a literal with incremental indexing',
    '6.2.1',
    compressed(indexed, authority(0x41), Buffer.of(0x40), ...literal('x'), ...literal('y')),
    served,
  ],
  ['a literal without indexing', '6.2.2', compressed(indexed, authority(0x01)), served],
  ['a literal that is never indexed', '6.2.3', compressed(indexed, authority(0x11)), served],
  [
    'a field of the dynamic table',
    '6.1',
    [
      request(1),
      { endOf: 1 },
      headers(
        3,
        Buffer.concat([indexed, authority(0x41), Buffer.of(0x40), ...literal('x'), ...literal('y')]),
      ),
      headers(5, Buffer.concat([indexed, Buffer.of(0xbf, 0xbe)])),
    ],
    'stream 5 200',
  ],
  ['Huffman', '5.2', compressed(indexed, authority(0x41), Buffer.of(0x00, 1, 0x78, 0x81, 0x1f)), served],
  ['an update of the table’s size', '6.3', compressed(updates(0), indexed, authority(0x41)), served],
  ['two updates of the table’s size', '6.3', compressed(updates(0, 4096), indexed, authority(0x41)), served],
  ['index 0', '6.1', compressed(indexed, Buffer.of(0x80)), wrong],
  ['an index that is not there', '2.3.3', compressed(indexed, Buffer.of(0xbe + 9)), wrong],
  ['a name’s index that is not there', '2.3.3', compressed(indexed, Buffer.of(0x7e, 1, 0x61)), wrong],
  ['an update at the end of a block', '4.2', compressed(indexed, authority(0x41), updates(1)), wrong],
  ['an update above the limit', '6.3', compressed(updates(65_536), indexed, authority(0x41)), wrong],
  [
    'Huffman with more than 7 bits of padding',
    '5.2',
    compressed(indexed, authority(0x41), Buffer.of(0x00, 1, 0x78, 0x82, 0x1f, 0xff)),
    wrong,
  ],
  [
    'Huffman padded with zeros',
    '5.2',
    compressed(indexed, authority(0x41), Buffer.of(0x00, 1, 0x78, 0x81, 0x18)),
    wrong,
  ],
  [
    'Huffman with EOS',
    '5.2',
    compressed(indexed, authority(0x41), Buffer.of(0x00, 1, 0x78, 0x84, 0xff, 0xff, 0xff, 0xff)),
    wrong,
  ],
  [
    'an integer that is too large',
    '5.1',
    compressed(indexed, Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)),
    wrong,
  ],
  ['a string that is cut off', '5.2', compressed(indexed, Buffer.of(0x41, 9, 0x61)), wrong],
  ['a block that is cut off', '4.3 of RFC 9113', compressed(indexed, Buffer.of(0x40)), wrong],
]

/** What node:http2 and nghttp2 do not do as the RFC says, in all or some of their versions. */
const faults: Readonly<Record<string, readonly string[]>> = {
  'PRIORITY is ignored': ['PRIORITY on stream 0'],
  'a frame on a closed stream is ignored': [
    'reset: DATA',
    'reset: HEADERS',
    'closed: DATA',
    'closed: HEADERS',
    'a number below that of the last stream',
  ],
  'the connection ends': ['the response to a PING that was not sent'],
  'the field is left out': [
    'an empty name',
    'a name with a space',
    'a name with a colon',
    'a name of Latin-1',
    'a value with NUL',
    'a value with CR',
    'a value with LF',
    'a value that begins with a space',
    'a value that ends with a tab',
  ],
}

const faultOf = (name: string): string | undefined =>
  Object.entries(faults).find(([, names]) => names.includes(name))?.[0]

const toCase =
  (isRaw: boolean) =>
  ([name, rfc, steps, allowed]: Row): Case => {
    const list = [allowed].flat()
    return {
      name,
      rfc,
      steps: [steps].flat(),
      allowed: list,
      stream: Number(/^stream (\d+)/.exec(list.find((each) => each.startsWith('stream')) ?? '')?.[1] ?? 0),
      isRaw,
      fault: faultOf(name),
    }
  }

export const corpus: readonly Case[] = [
  ...prefaces.map(toCase(true)),
  ...[format, states, headerFrames, dataFrames, control, flow, messages, compression]
    .flat()
    .map(toCase(false)),
]
