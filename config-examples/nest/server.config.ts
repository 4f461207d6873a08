// A Nest app as `nest new` makes it, from its TypeScript source: the project's own `typescript` compiles the
// files with decorators. After `npm run build` the same app is './dist/main.js'.
import type { Config } from 'tsgun'

export default {
  app: './src/main.ts',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
} satisfies Config
