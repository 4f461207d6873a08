// Part of the build: writes the JSON schema of the config next to the compiled code.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownPackage } from '../../os/own-code.ts'
import { configSchema } from './json-schema.ts'

writeFileSync(join(ownPackage, 'dist/settings.schema.json'), `${JSON.stringify(configSchema(), null, 2)}\n`)
