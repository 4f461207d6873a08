// Three real apps as their generators or tutorials make them, unedited, with the packages that they name: an
// Express site, a Fastify app with its plugins, a chat over socket.io. `npm run test:apps` has more.

import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { io, type Socket } from 'socket.io-client'
import { serveRealApp, type Extras, type RealApp } from '../helpers/real-app.ts'
import { createProject, repository, type Project } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

/** `packages`: those of its package.json. */
function install(t: TestContext, name: string, packages: readonly string[]): Project {
  const project = createProject(t, {}, packages)
  cpSync(join(repository, 'test/fixtures/real-apps', name), project.directory, { recursive: true })
  return project
}

/** Express 4, which these apps ask for. */
function withExpress4(project: Project): Project {
  symlinkSync(join(repository, 'node_modules/express4'), project.path('node_modules/express'))
  return project
}

const site: Omit<RealApp, 'arguments' | 'body'> = { directory: '.', path: '/' }

test("the site of Express's generator: a first 200, ten reloads without a failed request, a clean stop", async (t) => {
  const project = withExpress4(install(t, 'express-generator', ['cookie-parser', 'debug', 'morgan']))
  const app = { ...site, arguments: ['bin/www'], path: '/users', body: /^respond with a resource$/ }
  await serveRealApp(t, project, app)
})

test("the app of Fastify's generator with its plugins: a first 200, ten reloads without a failed request, a clean stop", async (t) => {
  const packages = ['fastify', 'fastify-plugin', '@fastify/autoload', '@fastify/sensible']
  const app = { ...site, arguments: ['app.js'], body: /^\{"root":true\}$/ }
  await serveRealApp(t, install(t, 'fastify-cli', packages), app)
})

/** A guest who stays in the chat through all reloads. */
class Guest implements Extras {
  #socket: Socket | undefined
  readonly #texts: string[] = []

  async before(url: string): Promise<void> {
    // without polling, whose requests would have to find one worker
    const socket = io(url, { transports: ['websocket'], reconnectionDelay: 50 })
    socket.on('connect', () => socket.emit('add user', 'ada', () => undefined))
    socket.on('new message', ({ name, text }: { name: string; text: string }) =>
      this.#texts.push(`${name}: ${text}`),
    )
    this.#socket = socket
    await this.#say('hello')
  }

  async after(): Promise<void> {
    await this.#say('still here')
    this.close()
  }

  close(): void {
    this.#socket?.close()
  }

  /** A message is lost while the worker of the socket is replaced: it is sent again. */
  async #say(text: string): Promise<void> {
    await eventually(`the message "${text}"`, () => {
      if (this.#socket?.connected === true) this.#socket.emit('new message', text)
      return this.#texts.includes(`ada: ${text}`) || undefined
    })
  }
}

test('a chat over socket.io: a first 200, ten reloads without a failed request, a guest who stays, a clean stop', async (t) => {
  const project = withExpress4(install(t, 'socket.io-chat', ['socket.io']))
  const guest = new Guest()
  t.after(() => guest.close())
  await serveRealApp(t, project, { ...site, arguments: ['index.js'], body: /<title>Chat/ }, guest)
})
