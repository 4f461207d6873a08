// What every worker class keeps, for this one: node --import tsx --test lanes.test.ts
import { testWorkerClass } from 'tsgun/contract'

testWorkerClass({ workerClass: './lanes.ts', directory: import.meta.dirname })
