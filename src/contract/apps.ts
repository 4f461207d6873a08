// Runs in a test of the user: the apps that the battery serves, one of each kind that needs no package. All
// have `/echo` and `/body`; that of the tests has the other routes.

const routes = `import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
const released = async (name) => { while (!existsSync(name)) await delay(10) }
export const handle = async (req, res) => {
  const [path, name = ''] = req.url.split('?')
  if (path === '/echo')
    return void res.setHeader('content-type', 'application/json').end(JSON.stringify({ path }))
  if (path === '/body') return void req.pipe(res)
  if (path === '/wait') { console.log('waits ' + name); await released(name); return void res.end('waited') }
  if (path === '/stream') { res.write('one'); await released(name); return void res.end('two') }
  if (path === '/abort') {
    req.signal.addEventListener('abort', () => console.log('aborted'))
    return void console.log('hangs')
  }
  if (path === '/never') return
  if (path === '/block') { console.log('blocks'); for (;;); }
  if (path === '/fail') throw new Error('no tea')
  res.end('pid=' + process.pid)
}\n`

/** By name of the file. */
export const appFiles = {
  'routes.js': routes,
  'listener.js': `export { handle as default } from './routes.js'\n`,
  'factory.js': `import { handle } from './routes.js'\nexport const createApp = async () => handle\n`,
  'fetch.js': `export default { async fetch(request) {
  const { pathname: path } = new URL(request.url)
  return path === '/body' ? new Response(request.body) : Response.json({ path })
} }\n`,
  'server.js': `import { createServer } from 'node:http'
import { handle } from './routes.js'
export const server = createServer(handle)\n`,
  'program.js': `import { createServer } from 'node:http'
import { handle } from './routes.js'
createServer(handle).listen(process.env.PORT)\n`,
} as const

/** Values of `app`. */
export const ownApps = [
  './factory.js:createApp()',
  './fetch.js',
  './server.js:server',
  './program.js',
] as const
export const testApp = './listener.js'
