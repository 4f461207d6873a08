import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayExportPreload } from '../../../../src/config/app/preload-export.ts'

const exported = [
  'export function preload() {}',
  'export async function preload(ctx) {}',
  'export const preload = async () => 1',
  'export { preload }',
  "export { app, build as preload } from './x.js'",
  'exports.preload = () => 1',
  'module.exports.preload = () => 1',
  'module.exports = { app, preload: () => 1 }',
  'module.exports = {\n  app,\n  preload,\n}',
  'exports["preload"] = build',
  'Object.defineProperty(exports, "preload", { get })',
]
const none = [
  '',
  'helmet({ hsts: { maxAge: 1, preload: true } })',
  "res.setHeader('link', '</a.css>; rel=preload')",
  'function preload() {}',
  'export const preloaded = 1',
  'export function preloadAll() {}',
  "import { preload } from './x.js'",
]

for (const source of exported)
  test(`may export it: ${source}`, () => assert.equal(mayExportPreload(source), true))
for (const source of none)
  test(`does not export it: ${source}`, () => assert.equal(mayExportPreload(source), false))
