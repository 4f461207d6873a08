// Exceptions of Nest in the filters of the user. The decorators are called as functions, so that this file
// needs no compiler option.

import 'reflect-metadata'
import {
  type ArgumentsHost,
  type DynamicModule,
  type ExceptionFilter,
  type INestApplication,
  BadRequestException,
  Catch,
  Controller,
  Get,
  InternalServerErrorException,
} from '@nestjs/common'
import { BaseExceptionFilter, NestFactory } from '@nestjs/core'
import type { Response } from 'express'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectReports, get, loadFrom } from '../talk.ts'

class Teapot extends Error {}

const boom = new Error('boom')
const internal = new InternalServerErrorException()

class Routes {
  boom(): void {
    throw boom
  }

  teapot(): void {
    throw new Teapot()
  }

  internal(): void {
    throw internal
  }

  bad(): void {
    throw new BadRequestException()
  }
}

for (const name of ['boom', 'teapot', 'internal', 'bad'] as const) {
  Get(name)(Routes.prototype, name, Object.getOwnPropertyDescriptor(Routes.prototype, name) ?? {})
}
Controller()(Routes)

/** Handles the app's own exception. */
class TeapotFilter implements ExceptionFilter {
  catch(_exception: Teapot, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().status(418).end('a teapot')
  }
}
Catch(Teapot)(TeapotFilter)

/** The catch-all of Nest's documentation: does something, then leaves the response to Nest. */
class EveryFilter extends BaseExceptionFilter {
  readonly caught: unknown[] = []

  override catch(exception: unknown, host: ArgumentsHost): void {
    this.caught.push(exception)
    super.catch(exception, host)
  }
}
Catch()(EveryFilter)

class AppModule {}

async function create(
  prepare: (app: INestApplication) => unknown = () => undefined,
): Promise<INestApplication> {
  const module: DynamicModule = { module: AppModule, controllers: [Routes] }
  const app = await NestFactory.create(module, { logger: false })
  await prepare(app)
  return app
}

async function ask(app: INestApplication, path: string) {
  const { errors, report } = collectReports()
  const { handle } = await loadFrom({ app }, report)
  return { text: await get(handle, path), errors }
}

test('an exception without a matching filter is a response of Nest and is reported once', async () => {
  const { text, errors } = await ask(await create(), '/boom')
  assert.match(text, /^HTTP\/1\.1 500 [\s\S]*"Internal server error"/)
  assert.deepEqual(errors, [boom])
})

test('an app that was initialised before works the same', async () => {
  assert.deepEqual((await ask(await create((app) => app.init()), '/boom')).errors, [boom])
})

test('an HttpException is reported from 500 on', async () => {
  assert.deepEqual((await ask(await create(), '/internal')).errors, [internal])
  const { text, errors } = await ask(await create(), '/bad')
  assert.match(text, /^HTTP\/1\.1 400 /)
  assert.deepEqual(errors, [])
})

test('an exception to which a filter of the user responds with a 4xx is not reported', async () => {
  const { text, errors } = await ask(
    await create((app) => app.useGlobalFilters(new TeapotFilter())),
    '/teapot',
  )
  assert.match(text, /^HTTP\/1\.1 418 [\s\S]*a teapot/)
  assert.deepEqual(errors, [])
})

test('a catch-all filter of the user runs first, and what it leaves to Nest is reported', async () => {
  const app = await create()
  const filter = new EveryFilter(app.getHttpAdapter())
  app.useGlobalFilters(filter)
  const { text, errors } = await ask(app, '/boom')
  assert.match(text, /^HTTP\/1\.1 500 /)
  assert.deepEqual([filter.caught, errors], [[boom], [boom]])
})

test('an error of a middleware is reported too', async () => {
  const failing = () => {
    throw boom
  }
  assert.deepEqual((await ask(await create((app) => app.use(failing)), '/bad')).errors, [boom])
})

test('shutdown closes the app and runs the shutdown hooks of Nest', async () => {
  const app = await create()
  let closed = false
  Object.assign(app.get(Routes), { onModuleDestroy: () => void (closed = true) })
  const { shutdown } = await loadFrom({ app }, () => undefined)
  await shutdown?.()
  assert.equal(closed, true)
})
