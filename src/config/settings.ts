// The only place where a setting exists. Types, command-line flags, `--print-config`, docs/settings.md and the JSON schema are
// derived from this table, and a test fails when the docs differ. Names and meanings are gunicorn's where it has the setting.

import { z } from 'zod'
import { addressProblem } from '../listen/address.ts'
import { accessFormatProblem } from './access-format.ts'
import { setting } from './setting.ts'

const seconds = z.number().min(0).max(31_536_000)
const text = z.string().min(1)
const address = text.superRefine((value, context) => {
  const problem = addressProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})
const destination = z.union([text, z.null()])
const identity = z.union([text, z.int().min(0), z.null()])
const modulePath = z.union([text, z.array(text)])
const destinationExpects = 'a file path, "-" or null'

export const settings = {
  app: setting({
    section: 'what',
    schema: z.union([text, z.null()]),
    default: null,
    expects: '"module:export" or "module:factory()"',
    doc: 'The app to serve, as `"module:export"` or `"module:factory()"`; without an export the default export is taken, then one named `app`. The module is found from `chdir`. On the command line it is the argument: `tsgun ./app.ts:app`.',
  }),
  chdir: setting({
    section: 'what',
    schema: text,
    default: '.',
    flag: '--chdir <directory>',
    expects: 'a directory that exists',
    doc: 'The working directory of the server and the app. Relative paths in other settings are relative to it.',
    fixed: true,
  }),
  env: setting({
    section: 'what',
    schema: z.record(text, z.string()),
    default: {},
    flag: '-e, --env <name=value>',
    text: 'pairs',
    expects: 'an object of strings',
    doc: "Environment variables for the workers, added to the server's own.",
  }),
  hooks: setting({
    section: 'what',
    schema: modulePath,
    default: [],
    flag: '--hooks <module>',
    text: 'list',
    expects: 'a module path or a list of them',
    doc: "Hook scripts of this deployment: modules whose named exports are hooks. They run after the config file's own hooks, in this order.",
  }),
  bind: setting({
    section: 'socket',
    schema: z.union([address, z.array(address).min(1)]),
    default: (environment) => (environment['PORT'] ? `0.0.0.0:${environment['PORT']}` : '127.0.0.1:8000'),
    defaultText: '`"127.0.0.1:8000"`, or `"0.0.0.0:$PORT"` when the environment has PORT',
    flag: '-b, --bind <address>',
    text: 'list',
    expects: '"host:port", "host", ":port", "[v6]:port", "unix:/path" or "fd://n", or a list of them',
    doc: 'Where to listen. Port 0 takes a free port, which the log reports. Bound once by the master; workers inherit the sockets.',
    fixed: true,
  }),
  backlog: setting({
    section: 'socket',
    schema: z.int().min(1).max(65_535),
    default: 2048,
    flag: '--backlog <number>',
    text: 'number',
    expects: 'a whole number from 1 to 65535',
    doc: 'How many connections may wait to be accepted. The kernel caps it at `net.core.somaxconn`.',
    fixed: true,
  }),
  workers: setting({
    section: 'workers',
    schema: z.union([z.int().min(1).max(1024), z.literal('auto')]),
    default: (environment) => {
      const value = environment['WEB_CONCURRENCY']
      return value ? (/^\d+$/.test(value) ? Number(value) : value) : 1
    },
    defaultText: '`1`, or `$WEB_CONCURRENCY`',
    flag: '-w, --workers <number>',
    text: 'number',
    expects: 'a whole number from 1 to 1024, or "auto"',
    doc: 'How many worker processes serve. `"auto"` is one for each processor that this process may use, honouring the CPU quota of its cgroup.',
  }),
  worker_class: setting({
    section: 'workers',
    schema: z.literal('async'),
    default: 'async',
    flag: '-k, --worker-class <name>',
    expects: '"async"',
    doc: 'How a worker serves. `"async"` is the Node.js event loop: many requests at a time.',
  }),
  worker_connections: setting({
    section: 'workers',
    schema: z.int().min(1),
    default: 1000,
    flag: '--worker-connections <number>',
    text: 'number',
    expects: 'a whole number of 1 or more',
    doc: 'The most connections that one worker has open. A worker at its limit stops accepting, and the next connection goes to another worker or waits in the backlog.',
  }),
  keepalive: setting({
    section: 'workers',
    schema: seconds,
    default: 2,
    flag: '--keep-alive <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc: 'How long an idle connection stays open for its next request. 0 closes after each response. Behind a proxy or load balancer that keeps connections open, set it above their idle time.',
  }),
  timeout: setting({
    section: 'time',
    schema: seconds,
    default: 30,
    flag: '-t, --timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc: 'A worker whose event loop is silent for this long is aborted and replaced. It does not limit a request that waits. 0 turns it off.',
  }),
  boot_timeout: setting({
    section: 'time',
    schema: seconds,
    default: 60,
    flag: '--boot-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc: 'How long a worker may take from its start until it serves: loading the app, `startup()` and hooks included. 0 turns the limit off.',
  }),
  graceful_timeout: setting({
    section: 'time',
    schema: seconds,
    default: 30,
    flag: '--graceful-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc: 'How long a worker that is to go may finish its requests. What is open after that is closed.',
  }),
  hook_timeout: setting({
    section: 'time',
    schema: z.number().positive().max(86_400),
    default: 30,
    flag: '--hook-timeout <seconds>',
    text: 'number',
    expects: 'seconds, more than 0',
    doc: 'How long an async hook may take before the server stops waiting for it.',
  }),
  accesslog: setting({
    section: 'logs',
    schema: destination,
    default: null,
    flag: '--access-logfile <path>',
    expects: destinationExpects,
    doc: 'Where a line for each request goes: a file, `"-"` for standard output, or null for none.',
    fixed: true,
  }),
  errorlog: setting({
    section: 'logs',
    schema: destination,
    default: '-',
    flag: '--error-logfile <path>',
    expects: destinationExpects,
    doc: "Where the server's own messages go, the master's and the workers': a file, `\"-\"` for standard error, or null for none.",
    fixed: true,
  }),
  applog: setting({
    section: 'logs',
    schema: destination,
    default: '-',
    flag: '--app-logfile <path>',
    expects: destinationExpects,
    doc: 'Where the output of the app goes (`capture_output`): a file, `"-"` for standard output, or null for none.',
    fixed: true,
  }),
  access_log_format: setting({
    section: 'logs',
    schema: text.superRefine((value, context) => {
      const problem = accessFormatProblem(value)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
    default: 'combined',
    flag: '--access-logformat <format>',
    expects: '"json", "combined", "common" or a text with gunicorn\'s atoms',
    doc: 'The form of an access line: `"json"`, `"combined"`, `"common"`, or a text with atoms such as `%(h)s` (docs/logging.md).',
  }),
  log_format: setting({
    section: 'logs',
    schema: z.enum(['text', 'json']),
    default: 'text',
    flag: '--log-format <format>',
    expects: '"text" or "json"',
    doc: 'The form of the error log and the app log: `"text"` for people, `"json"` for machines, one object a line.',
    fixed: true,
  }),
  loglevel: setting({
    section: 'logs',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    default: 'info',
    flag: '--log-level <level>',
    expects: '"trace", "debug", "info", "warn", "error" or "fatal"',
    doc: 'The least level that reaches the error log.',
  }),
  capture_output: setting({
    section: 'logs',
    schema: z.boolean(),
    default: true,
    flag: '--capture-output [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc: "Whether what workers and their child processes write to standard output and standard error (console.*, libraries, native code) goes into the app log, each line with its worker and time. If false it goes to the master's own standard output and error as it is.",
  }),
  pidfile: setting({
    section: 'mechanics',
    schema: destination,
    default: null,
    flag: '-p, --pid <path>',
    expects: 'a file path or null',
    doc: "Where the master writes its process id. A file of a process that is gone is replaced; one of a running process ends the start. It is removed at exit if it still holds this master's id.",
    fixed: true,
  }),
  user: setting({
    section: 'mechanics',
    schema: identity,
    default: null,
    flag: '-u, --user <user>',
    text: 'number',
    expects: 'a user name or id, or null',
    doc: 'The user that workers run as. Needs a master that runs as root, which keeps its own user. Unix sockets are given to this user.',
    fixed: true,
  }),
  group: setting({
    section: 'mechanics',
    schema: identity,
    default: null,
    flag: '-g, --group <group>',
    text: 'number',
    expects: 'a group name or id, or null',
    doc: "The group that workers run as; by default the user's own group.",
    fixed: true,
  }),
  initgroups: setting({
    section: 'mechanics',
    schema: z.boolean(),
    default: false,
    flag: '--initgroups [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc: 'Whether workers also get the supplementary groups of `user`. Otherwise they have none but `group`.',
    fixed: true,
  }),
  umask: setting({
    section: 'mechanics',
    schema: z.union([z.int().min(0).max(0o777), z.string().regex(/^(0o?)?[0-7]{1,3}$/)]).transform((value) => {
      return typeof value === 'number' ? value : Number.parseInt(value.replace(/^0o/, ''), 8)
    }),
    default: 0o007,
    defaultText: '`0o007`',
    flag: '-m, --umask <mask>',
    expects: 'an octal mask such as 0o007',
    doc: 'The mask for unix sockets that the server makes: 0o007 lets the owner and the group connect.',
    fixed: true,
  }),
  daemon: setting({
    section: 'mechanics',
    schema: z.boolean(),
    default: false,
    flag: '-D, --daemon [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc: 'Whether to run in the background. The command returns when the workers serve, or with the reason why they do not. Logs must be files or null.',
    fixed: true,
  }),
  proc_name: setting({
    section: 'mechanics',
    schema: z.union([text, z.null()]),
    default: null,
    flag: '-n, --name <name>',
    expects: 'a name or null',
    doc: 'The name in the process titles, `tsgun: master [name]` and `tsgun: worker 1 [name]`; by default the app.',
    fixed: true,
  }),
  check_config: setting({
    section: 'develop',
    schema: z.boolean(),
    default: false,
    flag: '--check-config [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc: 'Load the config, the hooks and (in a child process) the app, say what is wrong, and exit with 0 or 1 without serving.',
    fixed: true,
  }),
  print_config: setting({
    section: 'develop',
    schema: z.boolean(),
    default: false,
    flag: '--print-config [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc: 'Print every setting with its value and where the value comes from, and exit; with `--json` as JSON.',
    fixed: true,
  }),
} as const

export type SettingName = keyof typeof settings

/** The finished settings: every name with its checked value. */
export type Settings = { readonly [Name in SettingName]: (typeof settings)[Name]['schema']['_zod']['output'] }

/** What a user may write: every name is optional. */
export type SettingsInput = { readonly [Name in SettingName]?: (typeof settings)[Name]['schema']['_zod']['input'] | undefined }

export const settingNames = Object.keys(settings) as SettingName[] // the table's own keys: no other can be there
