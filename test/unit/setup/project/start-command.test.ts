import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStart, type StartCommand } from '../../../../src/setup/project/start-command.ts'

type Expected = Partial<Omit<StartCommand, 'text'>>

const scripts = { serve: 'node server.js', 'start:prod': 'npm run serve', loop: 'npm run loop' }

const cases: readonly (readonly [text: string, expected: Expected])[] = [
  ['node app.js', { program: 'node', words: ['app.js'] }],
  ['/usr/local/bin/node ./bin/www --port 1', { program: 'node', words: ['./bin/www', '--port', '1'] }],
  ['npm run build && node dist/main', { program: 'node', words: ['dist/main'] }],
  ['node server.js | pino-pretty', { program: 'node', words: ['server.js'] }],
  ['node migrate.js && node server.js', { words: ['server.js'] }],
  [
    'cross-env NODE_ENV=production PORT=4 node a.js',
    { words: ['a.js'], env: { NODE_ENV: 'production', PORT: '4' } },
  ],
  ['NODE_ENV=production exec node a.js', { words: ['a.js'], env: { NODE_ENV: 'production' } }],
  [
    'node -r dotenv/config --max-old-space-size=4096 a.js',
    { nodeArgs: ['--max-old-space-size=4096'], envFiles: ['.env'] },
  ],
  ['node --import ./otel.mjs --require=./a.cjs a.js', { imports: ['./otel.mjs', './a.cjs'], nodeArgs: [] }],
  ['node --env-file=.env --env-file .env.local a.js', { envFiles: ['.env', '.env.local'], words: ['a.js'] }],
  ['node -C production a.js', { nodeArgs: ['-C production'], words: ['a.js'] }],
  ['node --enable-source-maps .', { nodeArgs: ['--enable-source-maps'], words: ['.'] }],
  [
    'node --import tsx src/a.ts',
    { imports: [], words: ['src/a.ts'], dropped: ['tsx: tsgun loads TypeScript and its paths itself'] },
  ],
  ['node --watch a.js', { words: ['a.js'], dropped: ['--watch: for development, see tsgun --reload'] }],
  ['node --experimental-strip-types a.ts', { words: ['a.ts'], nodeArgs: [] }],
  ['tsx watch --tsconfig t.json src/a.ts', { program: 'node', words: ['src/a.ts'], nodeArgs: [] }],
  ['ts-node -P tsconfig.server.json -r tsconfig-paths/register src/a.ts', { words: ['src/a.ts'] }],
  ['npx tsx src/a.ts', { program: 'node', words: ['src/a.ts'] }],
  ['npx --no-install tsx src/a.ts', { words: ['src/a.ts'] }],
  ['pnpm exec tsx src/a.ts', { words: ['src/a.ts'] }],
  ['yarn tsx src/a.ts', { words: ['src/a.ts'] }],
  ['nodemon -w src -e ts --exec tsx src/a.ts', { words: ['src/a.ts'] }],
  ['dotenv -e .env.prod -- node a.js', { words: ['a.js'] }],
  ['dotenv -e .env.prod node a.js', { words: ['a.js'] }],
  ['npm run serve', { words: ['server.js'] }],
  ['PORT=7 npm run start:prod', { words: ['server.js'], env: { PORT: '7' } }],
  ['yarn serve', { words: ['server.js'] }],
  ['npm run serve -- --port 3', { words: ['server.js', '--port', '3'] }],
  ['next start -p 4000', { program: 'next', words: ['start', '-p', '4000'] }],
  ['npx next start', { program: 'next' }],
  ['node_modules/.bin/fastify start app.js', { program: 'fastify' }],
]

for (const [text, expected] of cases) {
  test(`reads ${text}`, () => {
    const found = readStart(text, scripts)
    assert.ok(found)
    assert.deepEqual({ ...found, ...expected }, found)
  })
}

test('a script that runs itself, and a text without a command, start nothing', () => {
  assert.equal(readStart('npm run loop', scripts), undefined)
  assert.equal(readStart('', scripts), undefined)
  assert.equal(readStart('A=1', scripts), undefined)
})
