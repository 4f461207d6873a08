// `npm run docs`: writes the generated pages of docs/.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { docsFolder, generatedPages } from './pages.ts'

for (const { file, text } of await generatedPages()) {
  writeFileSync(join(docsFolder, file), text)
  console.log(`docs/${file}`)
}
