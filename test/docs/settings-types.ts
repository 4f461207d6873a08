// src/config/settings/input.ts and checked.ts, made from the settings table: what a user may write and what a
// check makes of it, as plain types, so that an editor shows them with their texts and needs no zod.

import { join } from 'node:path'
import ts from 'typescript'
import { partText, settingText } from '../../src/config/schema/texts.ts'
import { acmeParts } from '../../src/config/settings/acme.ts'
import { destinationParts, redactParts, rotationParts } from '../../src/config/settings/log-parts.ts'
import type { Part, Parts, Setting } from '../../src/config/settings/row.ts'
import { scheduleParts } from '../../src/config/settings/schedules.ts'
import { lockParts, readyParts, serviceParts } from '../../src/config/settings/services.ts'
import { taskParts } from '../../src/config/settings/tasks.ts'
import { settings } from '../../src/config/settings/table.ts'
import { repository } from '../helpers/tsgun.ts'
import { interfaceOf, type Member } from './jsdoc.ts'

/** The settings that are objects, or may be, have types of these names. */
const partNames = new Map<Parts, { readonly name: string; readonly comment: string }>([
  [destinationParts, { name: 'LogDestination', comment: 'A log with a rotation of its own.' }],
  [rotationParts, { name: 'LogRotation', comment: 'When log files are rotated, and which are kept.' }],
  [acmeParts, { name: 'Acme', comment: 'A certificate that the server gets by itself.' }],
  [taskParts, { name: 'TaskPool', comment: 'Processes that compute beside the requests.' }],
  [readyParts, { name: 'ServiceReady', comment: 'When a foreign program is ready.' }],
  [scheduleParts, { name: 'Schedule', comment: 'What runs at certain times.' }],
  [lockParts, { name: 'ServiceLock', comment: 'A lock over several machines.' }],
  [serviceParts, { name: 'Service', comment: 'What runs beside the app.' }],
  [redactParts, { name: 'LogRedaction', comment: 'Fields to hide in records.' }],
])

const made = 'Made by `npm run docs` from the rows of table.ts: edit those.'

export function inputTypes(): string {
  const head = `// What a user may write: every setting is optional. Types only.\n// ${made}\n`
  return typesOf('SchemaInput', head, { suffix: 'Input', comment: 'The settings as a config has them.' })
}

export function checkedTypes(): string {
  const head = `// The checked value of every setting. Types only.\n// ${made}\n`
  return typesOf('SchemaOutput', head, { suffix: '', comment: 'The checked value of every setting.' })
}

interface Names {
  /** Of the name of each interface. */
  readonly suffix: string
  readonly comment: string
}

function typesOf(source: string, head: string, { suffix, comment }: Names): string {
  const written = new Map<string, string>()
  const members = membersOf(typeIn(source), settings)
  return [head, ...written.values(), interfaceOf(`Settings${suffix}`, comment, members), ''].join('\n')

  /** In the order of the rows. */
  function membersOf(node: ts.TypeLiteralNode, rows: Readonly<Record<string, Setting | Part>>): Member[] {
    const signatures = node.members.filter(ts.isPropertySignature)
    const named = new Map(signatures.map((member) => [member.name.getText(), member]))
    const unknown = [...named.keys()].filter((name) => !Object.hasOwn(rows, name))
    if (unknown.length > 0) fail(`there is no row for ${unknown.join(', ')}`)
    return Object.entries(rows).map(([name, row]) => {
      const { questionToken, type } = named.get(name) ?? fail(`the schema has no ${name}`)
      const shown = typeText(type ?? fail(`${name} has no type`), row.parts)
      const declaration = `readonly ${name}${questionToken === undefined ? '' : '?'}: ${shown}`
      return { text: 'section' in row ? settingText(row) : partText(row), declaration }
    })
  }

  function typeText(node: ts.TypeNode, parts: Parts | undefined): string {
    if (ts.isUnionTypeNode(node)) return node.types.map((each) => typeText(each, parts)).join(' | ')
    if (ts.isArrayTypeNode(node)) return `readonly ${node.getText()}`
    if (ts.isTypeLiteralNode(node) && parts !== undefined) return objectType(node, parts)
    if (ts.isTypeReferenceNode(node)) return `Readonly<${recordType(node, parts) ?? node.getText()}>`
    return node.getText()
  }

  /** Of objects by name; undefined for any other type. */
  function recordType({ typeArguments }: ts.TypeReferenceNode, parts: Parts = {}): string | undefined {
    const [key, value] = typeArguments ?? []
    const inner = parts['*']?.parts
    if (key === undefined || value === undefined || inner === undefined) return undefined
    return `Record<${key.getText()}, ${typeText(value, inner)}>`
  }

  /** Writes the interface of an object once, and returns its name. */
  function objectType(node: ts.TypeLiteralNode, parts: Parts): string {
    const known =
      partNames.get(parts) ?? fail(`test/docs/settings-types.ts has no name for ${node.getText()}`)
    const name = `${known.name}${suffix}`
    // The inner ones come first.
    written.set(name, `${interfaceOf(name, known.comment, membersOf(node, parts))}\n`)
    return name
  }
}

/** A type that table.ts derives from the schemas, written out by the compiler. */
function typeIn(name: string): ts.TypeLiteralNode {
  const file = join(repository, 'src/config/settings/table.ts')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(repository, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    repository,
  )
  const program = ts.createProgram([file], options)
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(file) ?? fail(`no ${file}`))
  const found = checker
    .getExportsOfModule(module ?? fail(`${file} is no module`))
    .find((each) => each.name === name)
  const type = checker.getDeclaredTypeOfSymbol(found ?? fail(`${file} exports no ${name}`))
  const { InTypeAlias, NoTruncation } = ts.TypeFormatFlags
  const text = checker.typeToString(type, undefined, InTypeAlias | NoTruncation)
  const [statement] = ts.createSourceFile('x.ts', `type X = ${text}`, ts.ScriptTarget.Latest, true).statements
  if (
    statement === undefined ||
    !ts.isTypeAliasDeclaration(statement) ||
    !ts.isTypeLiteralNode(statement.type)
  )
    return fail(`${name} is no object type: ${text}`)
  return statement.type
}

function fail(message: string): never {
  throw new Error(message)
}
