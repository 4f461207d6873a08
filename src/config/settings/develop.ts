// Settings of the section `develop`: config checks and the development restart. Used by the arbiter and the
// command line.

import * as z from 'zod'
import { setting } from './row.ts'
import { text } from './common.ts'

export const developSettings = {
  reload: setting({
    section: 'develop',
    schema: z.union([z.boolean(), z.literal('poll')]),
    default: false,
    flag: '--reload [boolean]',
    text: 'flag',
    expects: 'true, false or "poll"',
    doc:
      'Restart the workers when a file that they have loaded changes, and show errors on a page ' +
      'instead of exiting (development restart). `"poll"` polls the files, for file systems that do ' +
      'not report changes (`--reload=poll`).',
  }),
  reload_extra_files: setting({
    section: 'develop',
    schema: z.union([text, z.array(text)]),
    default: [],
    flag: '--reload-extra-file <path>',
    text: 'list',
    expects: 'a path or glob, or a list of them',
    doc:
      'More files that cause a development restart when they change, such as templates. Paths and ' +
      'globs such as `"views/*.html"`; a directory includes everything below it.',
  }),
  check_config: setting({
    section: 'develop',
    schema: z.boolean(),
    default: false,
    flag: '--check-config [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Load the config, the hooks and (in a child process) the app, check directories, users and ' +
      'addresses, report errors, and exit with 0 or 1 without serving.',
    fixed: true,
  }),
  print_config: setting({
    section: 'develop',
    schema: z.boolean(),
    default: false,
    flag: '--print-config [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc: 'Print every setting with its value and its source, and exit. With `--json` as JSON.',
    fixed: true,
  }),
} as const
