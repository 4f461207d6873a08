// What users import from 'tsgun', in config files and apps in every process. It loads no dependency.

export { defineConfig } from './config/define-config.ts'
export { drainSignal } from './app/drain-signal.ts'
export { defineWorkerClass } from './serving/classes/definition.ts'
export { defineTask } from './tasks/model/definition.ts'
export { task } from './tasks/model/task.ts'
export { TaskError } from './tasks/model/task-error.ts'
export type { ScheduleContext, ScheduleRun, ServiceContext, ServiceStart } from './services/context.ts'
export { bus } from './bus/model/bus.ts'
export { BusError } from './bus/model/bus-error.ts'
export { shared } from './sharing/shared.ts'
export { log, requestId, requestLog } from './logging/records/app-log.ts'
export type { Logger } from 'pino'
export type { FileSource, PreloadContext } from './sharing/context.ts'
export type { Shared } from './sharing/shared.ts'
export type { SharedFile } from './sharing/shared-file.ts'
export type { Config, ConfigExport, ConfigFunction } from './config/define-config.ts'
export type { Hooks } from './config/hooks/signatures.ts'
export type {
  LogView,
  ServerView,
  SlotView,
  StuckReport,
  Worker,
  WorkerEnding,
  WorkerExit,
  WorkerView,
} from './config/hooks/views.ts'
export type {
  LogDestination,
  LogRedaction,
  LogRotation,
  Settings,
  TaskPool,
} from './config/settings/checked.ts'
export type {
  LogDestinationInput,
  LogRedactionInput,
  LogRotationInput,
  SettingsInput,
  TaskPoolInput,
} from './config/settings/input.ts'
export type {
  Batch,
  BatchContext,
  LoadContext,
  RunContext,
  TaskDefinition,
} from './tasks/model/definition.ts'
export type { Bus } from './bus/model/bus.ts'
export type { BusErrorCode } from './bus/model/bus-error.ts'
export type {
  BusHandler,
  BusMessage,
  RequestOptions,
  SubscribeOptions,
  Subscription,
} from './bus/model/link.ts'
export type { RunOptions } from './tasks/model/link.ts'
export type { Task, TaskOf } from './tasks/model/task.ts'
export type { TaskErrorCode } from './tasks/model/codes.ts'
export type { RequestLogging } from './logging/records/request-log.ts'
export type { RequestSignal } from './app/requests/signal.ts'
export type {
  WorkerClassContext,
  WorkerClassDefinition,
  WorkerDrain,
  WorkerLoad,
  WorkerService,
} from './serving/classes/definition.ts'
