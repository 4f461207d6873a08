// src/config/hooks/signatures.ts, made from the table of hooks: the name of an argument, and the process that
// runs the hook, determine its type.

import { hookText } from '../../src/config/schema/texts.ts'
import { hookNames, hookTable, type HookName } from '../../src/config/hooks/table.ts'
import { interfaceOf } from './jsdoc.ts'

type ArgumentName = (typeof hookTable)[HookName]['arguments'][number]
type Process = (typeof hookTable)[HookName]['process']

const same = (type: string): Readonly<Record<Process, string>> => ({ arbiter: type, worker: type })

const argumentTypes: Readonly<Record<ArgumentName, Readonly<Record<Process, string>>>> = {
  server: same('ServerView'),
  worker: { arbiter: 'WorkerView', worker: 'Worker' },
  new_value: same('number'),
  old_value: same('number | null'),
  req: same('IncomingMessage'),
  res: same('ServerResponse'),
  config: same('Settings'),
  default_ssl_context_factory: same('() => SecureContextOptions'),
}

/** Hooks whose result is used. */
const results: Partial<Readonly<Record<HookName, string>>> = {
  ssl_context: 'SecureContextOptions | Promise<SecureContextOptions>',
}

const head = `// The type of each hook function, for config files and hook scripts. Types only.
// Made by \`npm run docs\` from table.ts: edit that.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SecureContextOptions } from 'node:tls'
import type { Settings } from '../settings/checked.ts'
import type { HookName } from './table.ts'
import type { ServerView, Worker, WorkerView } from './views.ts'

type Done = void | Promise<void>
`

export function hooksTypes(): string {
  const members = hookNames.map((name) => ({ text: hookText(name), declaration: signature(name) }))
  const comment = 'Every hook may be async; the server waits for it, for at most `hook_timeout`.'
  const named = `export type HookArguments<Name extends HookName> = Parameters<NonNullable<Hooks[Name]>>\n`
  return [head, interfaceOf('Hooks', comment, members), '', named].join('\n')
}

function signature(name: HookName): string {
  const { process, arguments: names } = hookTable[name]
  const types = names.map((each) => `${each}: ${argumentTypes[each][process]}`)
  return `${name}?(${types.join(', ')}): ${results[name] ?? 'Done'}`
}
