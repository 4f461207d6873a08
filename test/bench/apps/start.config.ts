// For the time of a start: a config and an app in TypeScript.

import { defineConfig } from 'tsgun'

export default defineConfig({ app: './site.ts:app', workers: 2 })
