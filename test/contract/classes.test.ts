// Each worker class of the table passes the same suite.

import { workerClasses } from '../../src/serving/classes/table.ts'
import { classContract } from './class-contract.ts'

for (const name of Object.keys(workerClasses)) classContract(name)
