// For the time of a start: a config and an app in TypeScript.

import { defineConfig } from 'tsgun'

// eslint-disable-next-line no-restricted-exports -- a config has a default export
export default defineConfig({ app: './site.ts:app', workers: 2 })
