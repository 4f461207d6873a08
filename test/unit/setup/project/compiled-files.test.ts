import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilesRoot } from '../../../../src/setup/project/compiled-files.ts'
import { fakeProject } from '../fake-project.ts'

const build = { scripts: { build: 'tsc -p .' } }

const cases: readonly (readonly [name: string, files: Record<string, string | object>, expected?: string])[] =
  [
    ['no tsconfig', {}],
    ['include of src', { 'tsconfig.json': { include: ['src'], compilerOptions: { outDir: 'dist' } } }],
    ['noEmit', { 'tsconfig.json': { compilerOptions: { outDir: 'dist', noEmit: true } } }],
    ['files', { 'tsconfig.json': { files: ['src/a.ts'], compilerOptions: { outDir: 'dist' } } }],
    ['everything', { 'tsconfig.json': { compilerOptions: { outDir: 'dist' } } }, 'tsconfig.json'],
    [
      'a glob of everything',
      { 'tsconfig.json': { include: ['**/*.ts'], compilerOptions: { outDir: 'd' } } },
      'tsconfig.json',
    ],
    ['rootDir', { 'tsconfig.json': { compilerOptions: { rootDir: './src' } } }, 'tsconfig.json'],
    [
      "Nest's",
      {
        'tsconfig.build.json': { extends: './tsconfig.json', exclude: ['node_modules'] },
        'tsconfig.json': `{ // comment\n "compilerOptions": { "outDir": "./dist", /* last */ }, }`,
      },
      'tsconfig.build.json',
    ],
    ['a broken file', { 'tsconfig.json': '{ "compilerOptions": ' }],
  ]

for (const [name, files, expected] of cases) {
  test(`sees whether the build compiles a new file: ${name}`, () =>
    assert.equal(compilesRoot(fakeProject({ 'package.json': build, ...files })), expected))
}

test('without a script that runs the compiler nothing is compiled', () => {
  const files = { 'package.json': {}, 'tsconfig.json': { compilerOptions: { outDir: 'dist' } } }
  assert.equal(compilesRoot(fakeProject(files)), undefined)
})
