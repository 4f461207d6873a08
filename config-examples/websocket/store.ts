// Stands for a database, and runs in exactly one process: gives each message its number, and keeps the last
// ones, in a file so that they outlive the process.
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceContext } from 'tsgun'
import type { Message, Missed, NewMessage } from './messages.ts'

// systemd creates the directory (StateDirectory=live) and sets STATE_DIRECTORY.
const { STATE_DIRECTORY: directory = '.', KEEP: keep = '100' } = process.env
const file = join(directory, 'messages.jsonl')
const most = Number(keep)

type Kept = Message & NewMessage

export async function start({ bus, signal }: ServiceContext): Promise<void> {
  let kept = readKept()
  let appended = 0

  const add = ({ id, text }: NewMessage): Message => {
    const known = kept.find((message) => message.id === id)
    if (known) return { nr: known.nr, text: known.text }
    const message = { nr: (kept.at(-1)?.nr ?? 0) + 1, id, text }
    kept = [...kept, message].slice(-most)
    appended += 1
    if (appended % 1000 === 0) writeKept(kept)
    else appendFileSync(file, `${JSON.stringify(message)}\n`)
    return { nr: message.nr, text }
  }

  const listMissed = (after: number): Missed => ({
    after,
    messages: kept.filter(({ nr }) => nr > after).map(({ nr, text }) => ({ nr, text })),
    last: kept.at(-1)?.nr ?? 0,
  })

  bus.subscribe('store.add', add)
  bus.subscribe('store.after', listMissed)
  if (!signal.aborted) await once(signal, 'abort')
}

/** The last line may be half of one, when the process was killed as it wrote. */
function readKept(): readonly Kept[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
  const kept = lines.slice(-most).map((line) => JSON.parse(line) as Kept)
  writeKept(kept)
  return kept
}

/** The file is replaced as a whole, or not. */
function writeKept(kept: readonly Kept[]): void {
  writeFileSync(`${file}.new`, kept.map((message) => `${JSON.stringify(message)}\n`).join(''))
  renameSync(`${file}.new`, file)
}
