// Settings of the section `develop`: checking a config, and restarts while the app is written. Used by the
// arbiter and the command line.

import { z } from 'zod'
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
      'For development: restart the workers when a file that they have loaded changes, and show what ' +
      'is broken on a page instead of exiting. `"poll"` asks the disk again and again, for file ' +
      'systems that tell nothing of changes (`--reload=poll`).',
  }),
  reload_extra_files: setting({
    section: 'develop',
    schema: z.union([text, z.array(text)]),
    default: [],
    flag: '--reload-extra-file <path>',
    text: 'list',
    expects: 'a path or glob, or a list of them',
    doc:
      'More files whose change restarts the workers when `reload` is on: templates, say. Paths and ' +
      'globs such as `"views/**/*.html"`; a directory means all that is below it.',
  }),
  check_config: setting({
    section: 'develop',
    schema: z.boolean(),
    default: false,
    flag: '--check-config [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Load the config, the hooks and (in a child process) the app, say what is wrong, and exit with 0 ' +
      'or 1 without serving.',
    fixed: true,
  }),
  print_config: setting({
    section: 'develop',
    schema: z.boolean(),
    default: false,
    flag: '--print-config [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Print every setting with its value and where the value comes from, and exit; with `--json` as ' +
      'JSON.',
    fixed: true,
  }),
} as const
