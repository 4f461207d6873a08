// Runs in a worker: version 1 of the PROXY protocol, a line of text. Pure.

import { parseNode } from '../forwarded/client.ts'
import { invalid, more, none, type Parsed } from './parsed.ts'

const start = Buffer.from('PROXY ')
/** With its line break. */
const longest = 107
const tcp = /^PROXY TCP([46]) ([\da-fA-F:.]+) ([\da-fA-F:.]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/

export function parseVersion1(bytes: Buffer): Parsed {
  const known = Math.min(bytes.length, start.length)
  if (bytes.compare(start, 0, known, 0, known) !== 0) return none
  const end = bytes.indexOf('\r\n')
  if (end === -1 && bytes.length < longest) return more
  if (end === -1 || end + 2 > longest) return invalid(`its line is longer than ${longest} bytes`)
  const line = bytes.toString('latin1', 0, end)
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { kind: 'header', length: end + 2, source: undefined }
  const [, version, from = '', to = '', port, toPort] = tcp.exec(line) ?? []
  const [source, destination] = [parseNode(from), parseNode(to)]
  const isRight = [from, to].every((address) => (version === '6') === address.includes(':'))
  const isPort = [port, toPort].every((digits) => Number(digits) < 65_536)
  if (!source || !destination || !isRight || !isPort)
    return invalid('its line is not "PROXY TCP4 …" or "PROXY TCP6 …"')
  return { kind: 'header', length: end + 2, source: { ...source, port: Number(port), encrypted: false } }
}
