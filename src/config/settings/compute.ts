// Settings of the section `compute`: what runs beside the workers of the app. Used by the arbiter and the
// command line.

import { servicesSetting } from './services.ts'
import { tasksSetting } from './tasks.ts'

export const computeSettings = { tasks: tasksSetting, services: servicesSetting } as const
