// Messages from an app to browsers: tsgun -c config-examples/websocket/server.config.ts
//
//   browser -- POST --> web (2 workers) -- bus --> live (1 worker) -- WebSocket --> browsers
//                         `-- bus.request --> store (1 process) <-- bus.request --'
//
// Then open http://127.0.0.1:8000 in two windows. Each process may be killed, and the server reloaded: the
// pages connect again and show what they have missed. See docs/run/websockets.md and docs/run/bus.md.
// In a project of your own: npm install tsgun express ws
import { defineConfig } from 'tsgun'

const { LIVE_PORT: port = '8001' } = process.env

export default defineConfig({
  app: './web.ts',
  chdir: import.meta.dirname,
  bind: '127.0.0.1:8000',
  workers: 2,
  accesslog: '-',

  services: {
    // All WebSockets are at one process here. With more workers each has its own clients; nothing else changes.
    live: {
      app: './live.ts',
      bind: `127.0.0.1:${port}`,
      workers: 1,
      worker_connections: 10_000,
      after: ['store'],
    },
    // Exactly one process gives the messages their numbers.
    store: { run: './store.ts' },
  },
})
