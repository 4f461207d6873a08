// Settings of the section `compute`: what runs beside the workers of the app. Used by the arbiter and the
// command line.

import { busSetting } from './bus.ts'
import { schedulesFileSetting, schedulesSetting } from './schedules.ts'
import { servicesSetting } from './services.ts'
import { tasksSetting } from './tasks.ts'

export const computeSettings = {
  tasks: tasksSetting,
  services: servicesSetting,
  schedules: schedulesSetting,
  schedules_file: schedulesFileSetting,
  bus: busSetting,
} as const
