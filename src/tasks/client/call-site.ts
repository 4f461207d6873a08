// Runs in a worker or a task process: where the app has called a task. Without it the stack of an error would
// show only how tsgun has noticed it.

/** Made text when it is read, which happens only for errors. */
export interface CallSite {
  readonly stack: string
}

/** Returns the place of the code that calls now. */
export function captureCallSite(): CallSite {
  const site = { stack: '' }
  Error.captureStackTrace(site, captureCallSite)
  return site
}
