// Settings of the section `mechanics`: the process itself. Used by the arbiter and the command line.

import { z } from 'zod'
import { setting } from './row.ts'
import { destination, mode, showMode, text } from './common.ts'

const identity = z.union([text, z.int().min(0), z.null()])

export const mechanicsSettings = {
  pidfile: setting({
    section: 'mechanics',
    schema: destination,
    default: null,
    flag: '-p, --pid <path>',
    expects: 'a file path or null',
    doc:
      'Where the master writes its process id. A file of a process that is gone is replaced; one of a ' +
      "running process ends the start. It is removed at exit if it still holds this master's id.",
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
      'The user that workers run as. Needs a master that runs as root, which keeps its own user. Unix ' +
      'sockets are given to this user.',
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
    schema: mode,
    default: 0o007,
    defaultText: '`0o007`',
    print: showMode,
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
    doc:
      'Whether to run in the background. The command returns when the workers serve, or with the ' +
      'reason why they do not. Logs must be files or null.',
    fixed: true,
  }),
  upgrade_exec: setting({
    section: 'mechanics',
    schema: destination,
    default: null,
    flag: '--upgrade-exec <path>',
    expects: 'the path or name of a Node.js program, or null',
    doc:
      'The Node.js that an upgrade (USR2) starts the new master with. Null: the one that this master ' +
      'was started with, looked up anew, so that a symlink or PATH entry that has changed is honoured.',
  }),
  proc_name: setting({
    section: 'mechanics',
    schema: z.union([text, z.null()]),
    default: null,
    flag: '-n, --name <name>',
    expects: 'a name or null',
    doc:
      'The name in the process titles; by default the app. They read `tsgun: master [name]` and ' +
      '`tsgun: worker 1 [name]`.',
    fixed: true,
  }),
} as const
