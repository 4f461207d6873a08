// Settings of the section `develop`: checking a config. Used by the arbiter and the command line.

import { z } from 'zod'
import { setting } from '../setting.ts'

export const developSettings = {
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
