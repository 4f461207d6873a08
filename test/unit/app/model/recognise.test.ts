import { server as hapi } from '@hapi/hapi'
import express from 'express'
import { fastify } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { H3, toNodeHandler } from 'h3'
import { Hono } from 'hono'
import Koa from 'koa'
import polka from 'polka'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:http2'
import { test } from 'node:test'
import { recognise } from '../../../../src/app/model/recognise.ts'

class Handler {
  handle(): void {}
}

const known = [
  [
    'a function that reads its ' + 'arguments',
    function () {
      // eslint-disable-next-line prefer-rest-params
      return Reflect.get(arguments, 0) as unknown
    },
    'listener',
  ],
  ['a function of rest parameters', (...all: unknown[]) => all, 'listener'],
  ['a function of one', (request: Request) => request, 'web handler'],
  ['a middleware', (req: unknown, res: unknown, next: () => void) => [req, res, next], 'middleware'],
  ['a plugin of Fastify', async (fastify: unknown, opts: unknown) => [fastify, opts], 'fastify plugin'],
  [
    'a plugin that fastify-plugin has ' + 'marked',
    fastifyPlugin(async (app, more) => void [app, more]),
    'fastify plugin',
  ],
  ['a Polka app', polka(), 'handler owner'],
  ['a hapi server', hapi(), 'hapi'],
  [
    'an object around a ' + 'server',
    { server: createServer(() => undefined), listen: () => undefined },
    'server owner',
  ],
  ['a function of three', (a: unknown, b: unknown, c: unknown) => [a, b, c], 'listener'],
  ['a bound function', function () {}.bind({}), 'listener'],
  ['an async function', async (req: unknown, res: unknown) => void [req, res], 'listener'],
  ['a Node handler that h3 has made', toNodeHandler(new H3()), 'listener'],
  ['an object with fetch', { fetch: () => new Response() }, 'fetch'],
  ['a Hono app', new Hono(), 'fetch'],
  ['an h3 app', new H3(), 'fetch'],
  ['an Express app', express(), 'express'],
  ['an Express router', express.Router(), 'express'],
  ['a Koa app', new Koa(), 'koa'],
  ['the callback of a Koa app', new Koa().callback(), 'listener'],
  ['a Fastify app', fastify(), 'fastify'],
  ['an http.Server with a listener', createServer(() => undefined), 'http.Server'],
  ['an HTTP/2 server with a listener', createSecureServer(() => undefined), 'http.Server'],
] as const

for (const [name, value, kind] of known) {
  test(`${name} is of kind ${kind}`, () => assert.equal(recognise(value), kind))
}

const unknown = [
  ['an http.Server without request listeners', createServer()],
  ['a class', Handler],
  ['a function without parameters', async () => undefined],
  ['an instance without marks', new Handler()],
  ['an object', {}],
  ['nothing', undefined],
  ['null', null],
  ['a string', 'app'],
  ['an array of handlers', [() => undefined]],
] as const

for (const [name, value] of unknown) {
  test(`${name} is not an app`, () => assert.equal(recognise(value), undefined))
}
