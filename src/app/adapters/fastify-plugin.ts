// Runs in a worker: the adapter for a plugin of Fastify, `(fastify, opts) => …`, which is what fastify-cli
// runs: a server is created with the options that the module exports, and the plugin is registered with them.
// Fastify is that of the app.

import { createRequire } from 'node:module'
import { AppBootError } from '../../config/app/errors.ts'
import type { Adapted } from '../model/adapted.ts'
import type { AppModule } from '../model/app-module.ts'
import { type FastifyPlugin, hasMethods, isFastify, read } from '../model/shapes.ts'
import type { Failures } from '../requests/failures.ts'
import { adaptFastify } from './fastify.ts'

export async function adaptFastifyPlugin(
  plugin: FastifyPlugin,
  failures: Failures,
  { file, namespace }: AppModule,
): Promise<Adapted> {
  const options = read(namespace, 'options') ?? read(namespace['default'], 'options') ?? {}
  const app = createFastify(file, options)
  if (!isFastify(app) || !hasMethods(app, 'register'))
    throw new AppBootError(`the package "fastify" that ${file} finds creates no app of Fastify`)
  app.register(plugin, options)
  return adaptFastify(app, failures)
}

function createFastify(file: string, options: unknown): unknown {
  const fastify = requireFastify(file)
  const create = typeof fastify === 'function' ? fastify : read(fastify, 'fastify')
  return typeof create === 'function' ? Reflect.apply(create, undefined, [options]) : undefined
}

function requireFastify(file: string): unknown {
  try {
    return createRequire(file)('fastify')
  } catch (error) {
    throw new AppBootError(
      `${file} exports a plugin of Fastify, "(fastify, opts)", and the package "fastify" cannot be ` +
        'loaded: npm install fastify',
      { cause: error },
    )
  }
}
