// What only this deployment does: a hook script, whose named exports are hooks. They run after the hooks of the config file.
import type { Hooks } from 'tsgun'

export const post_worker_init: Hooks['post_worker_init'] = (worker) => {
  // Node's own limits are those of worker.server: nginx limits slow clients, so this may be short.
  if (worker.server) worker.server.headersTimeout = 20_000
}

export const on_stopping: Hooks['on_stopping'] = (server) => {
  console.log(`master ${server.pid} was told to stop; the load balancer would be told here`)
}
