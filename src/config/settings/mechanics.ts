// Settings of the section `mechanics`: the process itself. Used by the arbiter and the command line.

import * as z from 'zod'
import { setting } from './row.ts'
import { destination, mode, showMode, text } from './common.ts'

const identity = z.union([text, z.int().min(0), z.null()])

export const mechanicsSettings = {
  pidfile: setting({
    section: 'mechanics',
    unit: 'file',
    schema: destination,
    default: null,
    flag: '-p, --pid <path>',
    expects: 'a file path or null',
    doc:
      'File for the process id of the master. A file left by a process that has exited is replaced; if ' +
      'its process is running, the start fails. The file is removed at exit if it still contains the ' +
      'id of this master.',
    fixed: true,
  }),
  user: setting({
    section: 'mechanics',
    schema: identity,
    default: null,
    flag: '-u, --user <user>',
    text: 'number',
    expects: 'a user name or id, or null',
    doc:
      'User that workers run as. The master must run as root, and keeps running as root. Unix sockets ' +
      'are owned by this user.',
    fixed: true,
  }),
  group: setting({
    section: 'mechanics',
    schema: identity,
    default: null,
    flag: '-g, --group <group>',
    text: 'number',
    expects: 'a group name or id, or null',
    doc: 'Group that workers run as. The default is the primary group of the user.',
    fixed: true,
  }),
  initgroups: setting({
    section: 'mechanics',
    schema: z.boolean(),
    default: false,
    flag: '--initgroups [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Whether workers get the supplementary groups of `user`. If false, they have no groups except ' +
      '`group`.',
    fixed: true,
  }),
  umask: setting({
    section: 'mechanics',
    unit: 'mode',
    schema: mode,
    default: 0o007,
    defaultText: '`0o007`',
    print: showMode,
    flag: '-m, --umask <mask>',
    expects: 'an octal mask such as 0o007',
    doc: 'Umask for the unix sockets that the server creates. 0o007 lets the owner and the group connect.',
    fixed: true,
  }),
  daemon: setting({
    section: 'mechanics',
    schema: z.boolean(),
    default: false,
    flag: '-D, --daemon [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Whether to run in the background. The command returns when the workers are ready, or reports ' +
      'why the start failed. Logs must be files or null.',
    fixed: true,
  }),
  upgrade_exec: setting({
    section: 'mechanics',
    schema: destination,
    default: null,
    flag: '--upgrade-exec <path>',
    expects: 'the path or name of a Node.js executable, or null',
    doc:
      'Node.js executable that runs the new master of an upgrade (USR2). null uses the one that this ' +
      'master was started with, resolved again, so that a changed symlink or PATH entry takes effect.',
  }),
  proc_name: setting({
    section: 'mechanics',
    schema: z.union([text, z.null()]),
    default: null,
    flag: '-n, --name <name>',
    expects: 'a name or null',
    doc:
      'Name in the process titles of the master and the workers. The titles are `tsgun: master [name]` ' +
      'and `tsgun: worker 1 [name]`. The default is the app.',
    fixed: true,
  }),
} as const
