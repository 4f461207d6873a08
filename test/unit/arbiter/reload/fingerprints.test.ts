// What counts as a change for a service with `reload: "changed"`.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ServicePlan } from '../../../../src/config/sources/service-plans.ts'
import type { Settings } from '../../../../src/config/settings/table.ts'
import { fingerprintsOf, type FingerprintSource } from '../../../../src/arbiter/reload/fingerprints.ts'
import { createArbiterLoader } from '../../../../src/modules/loader.ts'
import { directory } from '../../../helpers/logs.ts'
import { generationOf, servicePlan } from '../world/generations.ts'

interface Facts {
  readonly plan?: Partial<ServicePlan>
  readonly settings?: Partial<Settings>
  readonly variables?: Readonly<Record<string, string>>
  readonly hooks?: FingerprintSource['config']['hooks']
  readonly tasks?: Readonly<Record<string, number>>
}

function project(t: TestContext): {
  readonly at: (file: string) => string
  write(file: string, text: string): void
} {
  const root = directory(t)
  const at = (file: string): string => join(root, file)
  const write = (file: string, text: string): void => writeFileSync(at(file), text)
  mkdirSync(at('lib'))
  write('poller.ts', `import { a } from './lib/a.js'\nexport const start = () => a\n`)
  write('lib/a.js', 'export const a = 1\n')
  write('other.js', 'export const other = 1\n')
  write('server.config.js', 'export default {}\n')
  return { at, write }
}

test('its code, its packages, its settings and its environment count; the rest does not', async (t) => {
  const { at, write } = project(t)
  const loader = { ...createArbiterLoader(), files: () => [at('server.config.js')] }
  const print = async ({ plan, settings, variables = {}, hooks, tasks }: Facts = {}): Promise<
    string | undefined
  > => {
    const generation = generationOf(1, { ...(settings && { settings }), ...(tasks && { tasks }) })
    const service = servicePlan('poller', { reload: 'changed', appFile: at('poller.ts'), ...plan })
    const config = {
      ...generation.config,
      services: [service],
      fileVariables: variables,
      ...(hooks && { hooks }),
      file: at('server.config.js'),
    }
    return (await fingerprintsOf({ ...generation, config }, loader)).get('poller')
  }
  const first = await print()
  assert.ok(first !== undefined)
  write('other.js', '')
  write('server.config.js', '')
  for (const same of [
    {},
    { plan: { processes: 3 } },
    { settings: { workers: 9, log_rotation: null, applog: 'new.log' } },
  ] satisfies Facts[])
    assert.equal(await print(same), first, JSON.stringify(same))

  const hook = { post_fork: [{ file: null, run: () => undefined }] } as unknown as Facts['hooks']
  for (const other of [
    { plan: { own: { env: { A: '1' } } } },
    { settings: { timeout: 77 } },
    { variables: { FROM_FILE: '1' } },
    { plan: { stopSignal: 'SIGINT' } },
    { ...(hook && { hooks: hook }) },
  ] satisfies Facts[])
    assert.notEqual(await print(other), first, JSON.stringify(other))

  write('lib/a.js', 'export const a = 2\n')
  const second = await print()
  assert.notEqual(second, first)
  write('package-lock.json', '{}')
  assert.notEqual(await print(), second)

  assert.equal(await print({ tasks: { ocr: 1 } }), undefined, 'its queues belong to a generation')
  assert.equal(await print({ plan: { reload: 'always' } }), undefined)
  write('poller.ts', 'export const = 1')
  assert.equal(await print(), undefined, 'it does not compile')
  const command = { kind: 'command', appFile: null, command: ['feed'] } as const
  assert.notEqual(
    await print({ plan: command }),
    await print({ plan: { ...command, command: ['feed', '-v'] } }),
  )
})
