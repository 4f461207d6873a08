// Settings of the section `what`: the app and its environment. Used by the arbiter and the command line.

import * as z from 'zod'
import { appSettingProblem } from '../app/app-setting.ts'
import { setting } from './row.ts'
import { text } from './common.ts'

const reference = text.superRefine((value, context) => {
  const problem = appSettingProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** The limits of execve(2): a name ends at the first "=", and neither name nor value can contain NUL. */
const variableName = text.refine((name) => !/[=\0]/.test(name), 'a name cannot contain "=" or NUL')
const variableValue = z.string().refine((value) => !value.includes('\0'), 'a value cannot contain NUL')

const modulePath = z.union([text, z.array(text)])

export const whatSettings = {
  app: setting({
    section: 'what',
    schema: z.union([reference, z.null()]),
    default: null,
    expects: '"module", "module:export" or "module:factory()"',
    doc:
      'The app to serve: `"module:export"`, `"module:factory()"`, or a program that listens. Without an ' +
      'export it is the server that listens, else the default export, then the first of `app`, ' +
      '`handler`, `listener` and `server`. Paths start at `chdir`. On the command line the app is ' +
      'the argument: `tsgun ./app.ts:app`.',
  }),
  chdir: setting({
    section: 'what',
    schema: text,
    default: '.',
    flag: '--chdir <directory>',
    expects: 'a directory that exists',
    doc:
      'Working directory of the app. `app` and `hooks` are resolved from it, and symlinks in it are ' +
      'followed again at each reload. The master changes to it once, at the start; relative paths of ' +
      'its own files and sockets start there (docs/understand/reload.md).',
  }),
  env: setting({
    section: 'what',
    schema: z.record(variableName, variableValue),
    default: {},
    flag: '-e, --env <name=value>',
    text: 'pairs',
    expects: 'an object of strings',
    parts: { '*': { expects: 'text', doc: 'The value of this variable.' } },
    doc:
      'Environment variables for the workers, added to those of the master. They win over `env_file` and ' +
      'over the environment of the master. `PORT` and `WEB_CONCURRENCY` also set the defaults of `bind` ' +
      'and `workers`.',
  }),
  env_file: setting({
    section: 'what',
    schema: z.union([text, z.array(text)]),
    default: [],
    flag: '--env-file <path>',
    text: 'list',
    expects: 'a file path or a list of them',
    doc:
      'Files with environment variables for the workers, one `NAME=value` in a line, as `node --env-file` ' +
      'reads them. Of several files the later one wins. A variable that is set in the environment of the ' +
      'master, or in `env`, keeps that value. The files are read again at each reload; paths start at ' +
      '`chdir` (docs/start/config.md).',
  }),
  node_args: setting({
    section: 'what',
    schema: z.union([z.string(), z.array(text)]),
    default: [],
    flag: '--node-args <flags>',
    expects: 'flags of Node.js, as a list or as text',
    doc:
      'Flags of Node.js for the workers, such as `["--max-old-space-size=2048"]`, after those that the ' +
      'master was started with. Text is split as a shell splits it. Relative paths in them start at ' +
      '`chdir`. Flags that Node.js refuses, or that cannot work in a worker, end the start with the reason.',
  }),
  import: setting({
    section: 'what',
    schema: modulePath,
    default: [],
    flag: '--import <module>',
    text: 'list',
    expects: 'a module path or a list of them',
    doc:
      'Modules that each worker loads before the config and the app, one after another, such as ' +
      '`["./otel.ts"]` for telemetry: paths from `chdir`, TypeScript too, or names of packages. Loader ' +
      'hooks that they register are in place when the app is loaded (docs/start/apps.md).',
  }),
  preload: setting({
    section: 'what',
    schema: z.union([text, z.null()]),
    default: null,
    flag: '--preload <module>',
    expects: 'a module path, or null',
    doc:
      'The module whose exported `preload()` runs once before the workers start, in a process of its own; ' +
      'all of them get what it returns from `shared()`, and map its large buffers instead of copying ' +
      'them. Default: the module of `app`, if it exports a `preload()`. `boot_timeout` applies to it ' +
      '(docs/run/preload.md).',
  }),
  hooks: setting({
    section: 'what',
    schema: modulePath,
    default: [],
    flag: '--hooks <module>',
    text: 'list',
    expects: 'a module path or a list of them',
    doc:
      'Hook scripts for this deployment: modules whose named exports are hooks. They run after the ' +
      'hooks of the config file, in this order.',
  }),
} as const
