// What config-examples/container says to Docker, Compose and Kubernetes: the manifests against the schemas
// and the types of the Kubernetes API, and the times and paths of all of them against the config.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { validate } from 'dockerfile-utils'
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Service } from 'kubernetes-models/v1/Service'
import ts from 'typescript'
import { parse } from 'yaml'
import { codeBlocks } from '../docs/markdown.ts'
import { exampleDirectory, exampleImage } from '../helpers/image.ts'
import { repository } from '../helpers/tsgun.ts'

/** One of each file of kubernetes/. */
const kinds = {
  'autoscaler.yaml': { path: 'autoscaling/v2/HorizontalPodAutoscaler', model: HorizontalPodAutoscaler },
  'deployment.yaml': { path: 'apps/v1/Deployment', model: Deployment },
  'disruption-budget.yaml': { path: 'policy/v1/PodDisruptionBudget', model: PodDisruptionBudget },
  'service.yaml': { path: 'v1/Service', model: Service },
} as const

type File = keyof typeof kinds

const files = Object.keys(kinds) as File[] // the table's own keys

function read(file: string): string {
  return readFileSync(join(exampleDirectory, file), 'utf8')
}

function manifest(file: File): unknown {
  return parse(read(`kubernetes/${file}`))
}

interface Compose {
  readonly services: {
    readonly shop: {
      readonly read_only: boolean
      readonly tmpfs: string
      readonly user: string
      readonly stop_grace_period: string
    }
  }
}

/** Throws an error that names the field. */
function check(file: File, data: unknown): void {
  const { model, path } = kinds[file]
  const { apiVersion, kind } = data as { readonly apiVersion?: string; readonly kind?: string }
  assert.equal(`${apiVersion}/${kind}`, path, `${file}: apiVersion and kind`)
  new model(data as never).validate() // the boundary: it throws for what does not fit
}

/** What the types of the API refuse in it: the schemas admit fields that do not exist. */
function unknownFields(manifests: Readonly<Partial<Record<File, unknown>>>): string[] {
  const path = join(repository, 'test/package/manifests.ts')
  const entries = Object.entries(manifests).map(([file, data], index) => {
    const from = kinds[file as File].path // the keys are files
    const type = `I${from.split('/').at(-1)}`
    const value = `export const value${index}: ${type} = ${JSON.stringify(data)}`
    return `import type { ${type} } from 'kubernetes-models/${from}'\n${value}\n`
  })
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const text = entries.join('')
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === path || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2023) : getSourceFile(name, ...rest)
  return ts
    .getPreEmitDiagnostics(ts.createProgram([path], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

test('each manifest of the container example fits the schema of its kind, without unknown fields', () => {
  assert.deepEqual(readdirSync(join(exampleDirectory, 'kubernetes')).sort(), files)
  for (const file of files) check(file, manifest(file))
  assert.deepEqual(unknownFields(Object.fromEntries(files.map((file) => [file, manifest(file)]))), [])
})

test('the check sees a wrong type, a missing field and a field that does not exist', () => {
  const text = read('kubernetes/deployment.yaml')
  const broken = (from: string, to: string): unknown => {
    assert.ok(text.includes(from))
    return parse(text.replace(from, to))
  }
  const wrong = broken('terminationGracePeriodSeconds: 30', 'terminationGracePeriodSeconds: thirty')
  assert.throws(() => check('deployment.yaml', wrong), /terminationGracePeriodSeconds/)
  assert.throws(() => check('deployment.yaml', broken('- name: shop\n', '- label: shop\n')), /name/)
  assert.throws(() => check('deployment.yaml', broken('apps/v1', 'v1')), /apiVersion/)
  const unknown = unknownFields({ 'deployment.yaml': broken('livenessProbe:', 'livenesProbe:') })
  assert.match(unknown.join(), /livenesProbe/)
})

interface Printed {
  readonly settings: Readonly<Record<string, unknown>>
}

/** The settings of the example, as `--print-config --json` has them. */
function exampleSettings(): (name: string) => unknown {
  const words = ['-c', join(exampleDirectory, 'server.config.ts'), '--print-config', '--json']
  const printed = execFileSync(process.execPath, [join(repository, 'bin/tsgun.js'), ...words], {
    encoding: 'utf8',
  })
  const { settings } = JSON.parse(printed) as Printed
  return (name) => settings[name]
}

test('a pod and a container get the time that the config takes to stop, and probes ask what it serves', () => {
  const setting = exampleSettings()
  const stop = Number(setting('drain_delay')) + Number(setting('graceful_timeout'))
  const { spec } = manifest('deployment.yaml') as IDeployment // it fits the schema
  const pod = spec?.template.spec
  const [container] = pod?.containers ?? []
  const preStop = container?.lifecycle?.preStop?.sleep?.seconds ?? 0
  assert.ok(preStop > 0)
  assert.ok((pod?.terminationGracePeriodSeconds ?? 0) > preStop + stop)
  const { shop } = (parse(read('compose.yaml')) as Compose).services
  assert.ok(parseInt(shop.stop_grace_period) > stop)

  assert.equal(container?.startupProbe?.httpGet?.path, setting('health_check'))
  assert.equal(container?.readinessProbe?.httpGet?.path, setting('health_check'))
  const port = container?.ports?.find(({ name }) => name === 'http')?.containerPort
  assert.equal(setting('bind'), `0.0.0.0:${port}`)
})

test('all run it as the same user without rights, on a read-only root file system with a /tmp', () => {
  const { spec } = manifest('deployment.yaml') as IDeployment // it fits the schema
  const pod = spec?.template.spec
  const [container] = pod?.containers ?? []
  assert.equal(pod?.securityContext?.runAsNonRoot, true)
  assert.equal(`${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`, exampleImage.user)
  assert.equal(container?.securityContext?.readOnlyRootFilesystem, true)
  assert.deepEqual(container.securityContext.capabilities?.drop, ['ALL'])
  const mounts = container.volumeMounts?.map(({ name, mountPath }) => [name, mountPath])
  assert.deepEqual(mounts, [[pod.volumes?.find(({ emptyDir }) => emptyDir)?.name, '/tmp']])
  const { shop } = (parse(read('compose.yaml')) as Compose).services
  assert.deepEqual([shop.read_only, shop.tmpfs, shop.user], [true, '/tmp', exampleImage.user])
})

test('the Dockerfile has no mistakes, and starts tsgun itself, without a shell or npm', () => {
  const text = read('Dockerfile')
  assert.deepEqual(validate(text), [])
  assert.match(String(validate(text.replace('WORKDIR', 'WORKDR'))[0]?.message), /WORKDR/)
  assert.deepEqual(exampleImage.command, ['node', 'node_modules/tsgun/bin/tsgun.js'])
  assert.equal(text.match(/^FROM/gm)?.length, 2)
  const shown = codeBlocks({
    file: 'docs/run/containers.md',
    text: readFileSync(join(repository, 'docs/run/containers.md'), 'utf8'),
  })
  const withoutComments = text.replace(/^#.*\n/gm, '')
  assert.equal(shown.find(({ language }) => language === 'dockerfile')?.code.trim(), withoutComments.trim())
})
