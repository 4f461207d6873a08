// A hook script: hooks for this deployment only. Its named exports run after the hooks of the config file.
import type { Hooks } from 'tsgun'

export const post_worker_init: Hooks['post_worker_init'] = (worker) => {
  // worker.server is Node's http.Server. nginx handles slow clients, so this limit can be short.
  if (worker.server) worker.server.headersTimeout = 20_000
}

export const on_stopping: Hooks['on_stopping'] = (server) => {
  console.log(`master ${server.pid} is stopping; notify the load balancer here`)
}
