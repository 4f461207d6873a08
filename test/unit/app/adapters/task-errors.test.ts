// What a client gets when the error of a call of a task reaches the framework, in each kind of app: the
// status of its code and `Retry-After`, and not the message of the task's own error.

import express, { type Express, type NextFunction, type Request as ExpressRequest } from 'express'
import fastify from 'fastify'
import { H3 } from 'h3'
import { Hono } from 'hono'
import hapi from '@hapi/hapi'
import Koa from 'koa'
import 'reflect-metadata'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { TaskError } from '../../../../src/tasks/model/task-error.ts'
import { collectReports, get, loadFrom } from '../talk.ts'

/** Its types are those of the version before. */
const express4 = createRequire(import.meta.url)('express4') as () => Express

const full = new TaskError('TASK_QUEUE_FULL', { task: 'ocr', retryAfter: 7 })
const failed = new TaskError('TASK_FAILED', { task: 'ocr', message: 'secret of the model' })
const lost = new TaskError('TASK_LOST', { task: 'ocr' })
const errors: Readonly<Record<string, TaskError>> = { '/full': full, '/failed': failed, '/lost': lost }

async function call(url = ''): Promise<never> {
  await Promise.resolve()
  throw errors[new URL(url, 'http://a').pathname] ?? new Error(`no error for ${url}`)
}

class Routes {
  full(): Promise<never> {
    return call('/full')
  }

  failed(): Promise<never> {
    return call('/failed')
  }

  lost(): Promise<never> {
    return call('/lost')
  }
}

for (const name of ['full', 'failed', 'lost'] as const)
  Get(name)(Routes.prototype, name, Object.getOwnPropertyDescriptor(Routes.prototype, name) ?? {})
Controller()(Routes)

class Root {}
Module({ controllers: [Routes] })(Root)

interface Kind {
  readonly app: () => unknown
  /** Frameworks that send no header of an error. */
  readonly hasNoRetry?: true
  /** What is reported to the server. Default: all. */
  readonly reports?: readonly Error[]
  /** Frameworks that send the message of any error. */
  readonly tellsMessage?: true
}

const kinds: Readonly<Record<string, Kind>> = {
  listener: { app: () => (req: IncomingMessage, res: ServerResponse) => call(req.url ?? res.statusMessage) },
  'fetch handler': { app: () => ({ fetch: (request: Request) => call(request.url) }) },
  'Express 5': { app: () => express().use((req) => call(req.url)) },
  'Express 4': {
    app: () =>
      express4().use(
        (req: ExpressRequest, _res: unknown, next: NextFunction) => void call(req.url).catch(next),
      ),
  },
  Koa: { app: () => new Koa().use((ctx) => call(ctx.url)) },
  Hono: { app: () => new Hono().get('*', (c) => call(c.req.url)) },
  h3: { app: () => new H3({ silent: true }).get('/**', (event) => call(event.req.url)) },
  Fastify: { app: () => fastify().get('/*', (request) => call(request.url)), tellsMessage: true },
  hapi: {
    app: () => {
      const server = hapi.server()
      server.route({ method: 'GET', path: '/{any*}', handler: (request) => call(request.path) })
      return server
    },
    reports: [failed], // hapi tells only of a 500; the others are in the log as a response without an error
  },
  Nest: { app: () => NestFactory.create(Root, { logger: false }), hasNoRetry: true },
}

for (const [name, { app, hasNoRetry, tellsMessage, reports = [full, failed, lost] }] of Object.entries(kinds))
  test(`${name}: an error of a task that the app does not handle has its status`, async () => {
    const { errors: reported, report } = collectReports()
    const { handle } = await loadFrom({ default: await app() }, report)
    const [first, second, third] = [
      await get(handle, '/full'),
      await get(handle, '/failed'),
      await get(handle, '/lost'),
    ]
    assert.match(first, /^HTTP\/1\.1 503 /)
    assert.match(second, /^HTTP\/1\.1 500 /)
    assert.match(third, /^HTTP\/1\.1 502 /)
    if (!hasNoRetry) assert.match(first, /^retry-after: 7\r$/im)
    if (!tellsMessage) assert.doesNotMatch(second, /secret/)
    assert.deepEqual(reported, reports)
  })
