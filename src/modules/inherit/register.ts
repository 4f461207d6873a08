// The threads and processes that an app with TypeScript starts, before their program. They load TypeScript as
// the worker does, with the code of its generation. tsgun's own programs are left alone.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isOwnCode } from '../files/paths.ts'

const store = new URL(import.meta.url).searchParams.get('store')
const program = entry()

if (store !== null && !isOwnCode(program ?? '')) {
  const { installInherited } = await import('../loader.ts')
  installInherited(fileURLToPath(store), program)
}

/** The file of the program; undefined for code that is no file. */
function entry(): string | undefined {
  try {
    return realpathSync(process.argv[1] ?? '')
  } catch {
    return undefined // code that is evaluated, or a file without its extension, which Node resolves
  }
}
