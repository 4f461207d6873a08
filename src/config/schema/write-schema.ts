// Part of the build: writes the JSON schema of the config next to the compiled code.

import { writeFileSync } from 'node:fs'
import { configSchema } from './json-schema.ts'

writeFileSync(
  new URL('../../settings.schema.json', import.meta.url),
  `${JSON.stringify(configSchema(), null, 2)}\n`,
)
