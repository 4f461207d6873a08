// Runs in the arbiter and the command line: the files of the logs that a config names. Pure.

import type { Settings } from './table.ts'

type OwnLogs = Partial<Pick<Settings, 'accesslog' | 'errorlog' | 'applog'>>

/** The parts of the settings that name log files. */
export type WithLogs = OwnLogs & {
  readonly services?: Readonly<Record<string, { readonly [Log in keyof OwnLogs]?: OwnLogs[Log] | undefined }>>
  readonly schedules?: WithLogs['services']
}

/** Of the server, and of its services and schedules, as they are written; standard streams are left out. */
export function logPaths({ services = {}, schedules = {}, ...server }: WithLogs): readonly string[] {
  const owners = [server, ...Object.values(services), ...Object.values(schedules)]
  return owners
    .flatMap(({ accesslog, errorlog, applog }) => [accesslog, errorlog, applog])
    .flatMap((log) => (typeof log === 'object' ? (log?.path ?? []) : (log ?? [])))
    .filter((path) => path !== '-')
}
