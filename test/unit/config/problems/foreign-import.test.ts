import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foreignImport } from '../../../../src/config/problems/foreign-import.ts'

const failure = (message: string, more: object = {}): Error => Object.assign(new Error(message), more)
const unknown = (path: string): Error =>
  failure(`Unknown file extension "x" for ${path}`, { code: 'ERR_UNKNOWN_FILE_EXTENSION' })
const node = `Node.js ${process.versions.node}`

test('a file that is no module is named, with what to write instead', () => {
  assert.equal(
    foreignImport(unknown('/srv/my app/add.wasm')),
    `/srv/my app/add.wasm: ${node} cannot load a .wasm file; ` +
      'write WebAssembly.instantiate(readFileSync(new URL("./add.wasm", import.meta.url)))',
  )
  assert.equal(
    foreignImport(unknown('/srv/x.node')),
    `/srv/x.node: ${node} cannot load a .node file; write createRequire(import.meta.url)("./x.node")`,
  )
  assert.equal(
    foreignImport(unknown('/srv/a.css')),
    `/srv/a.css: ${node} cannot load a .css file; ` +
      'start what your bundler has built, or write readFileSync(new URL("./a.css", import.meta.url))',
  )
})

test('so is one that require() has run as JavaScript', () => {
  const broken = failure('', {
    stack: `/srv/a.css:1\nb{}\n ^\n\nSyntaxError: Unexpected token '{'\n    at x`,
  })
  assert.match(foreignImport(broken) ?? '', /^\/srv\/a\.css: /)
  const ran = failure('', {
    stack: 'ReferenceError: hello\n    at Object.<anonymous> (/srv/a.txt:1:1)\n    at y',
  })
  assert.match(foreignImport(ran) ?? '', /^\/srv\/a\.txt: /)
  for (const path of ['/srv/a.js', '/srv/www', '/srv/server.prod', '/srv/a.vue.js'])
    assert.equal(foreignImport(failure('', { stack: `${path}:1\nx y\n\nSyntaxError: x` })), undefined)
})

test('the default of a WebAssembly module, and JSON in JavaScript, have a line that says what to write', () => {
  assert.equal(
    foreignImport(failure("The requested module './add.wasm' does not provide an export named 'default'")),
    '"./add.wasm" exports no "default", only what its WebAssembly does; write import * as wasm from "./add.wasm"',
  )
  for (const type of ['of type "json"', 'of "type: json"'])
    assert.equal(
      foreignImport(
        failure(`Module "file:///srv/d.json" needs an import attribute ${type}`, {
          code: 'ERR_IMPORT_ATTRIBUTE_MISSING',
        }),
      ),
      'JavaScript has to import d.json with its type: write import data from "./d.json" with { type: "json" }',
    )
  assert.equal(foreignImport(failure('x')), undefined)
})
