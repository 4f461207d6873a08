import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthPathIn, portIn } from '../../../../src/setup/project/look-at-source.ts'

const ports: readonly (readonly [text: string, port: number | undefined])[] = [
  [`normalizePort(process.env.PORT || '3001')`, 3001],
  ['const port = Number(process.env.PORT ?? 4000)', 4000],
  [`process.env['PORT'] || 4001`, 4001],
  [`config.get('PORT', 4002)`, 4002],
  ['app.listen(5000, () => {})', 5000],
  ['await fastify.listen({ host, port: 5001 })', 5001],
  ['const PORT = 5002', 5002],
  ['export default { port: 5003, fetch }', 5003],
  ['app.listen(port)', undefined],
  ['app.listen(99999)', undefined],
]

for (const [text, port] of ports) test(`the port in ${text}`, () => assert.equal(portIn(text), port))

test('a route of a health check is seen', () => {
  assert.equal(healthPathIn(`app.get('/api/healthz', f)`), '/api/healthz')
  assert.equal(healthPathIn('app.get("/health-check", f)'), '/health-check')
  assert.equal(healthPathIn(`app.get('/healthy-food', f)`), undefined)
})
