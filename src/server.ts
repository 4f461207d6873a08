// What programs import from 'tsgun/server' to run a server inside of them. Their process is the arbiter.

export { createServer, type Server, type ServerConfig } from './server/embed/create-server.ts'
export { ReloadError, ServerStateError } from './server/server-errors.ts'
export type { ServerEvent, ServerEventMap, ServerEventName } from './server/server-events.ts'
export type { ServerOptions } from './server/embed/options.ts'
export type { ServerPhase } from './server/own-server.ts'
export { StartError } from './server/start-error.ts'
export { ConfigError, type Problem } from './config/problems/problem.ts'
export type { Status as ServerStatus } from './control/protocol.ts'
export type { WorkerView } from './config/hooks/views.ts'
export type { Config, ConfigExport } from './config/define-config.ts'
