// `npm run docs`: writes the generated pages of docs/, and the generated types of src/.

import { writeFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { docsFolder, generatedFiles } from './pages.ts'

for (const { file, text } of await generatedFiles()) {
  writeFileSync(join(docsFolder, file), text)
  console.log(normalize(`docs/${file}`))
}
