// Runs in `tsgun build`: an interrupted build leaves nothing.

/** The process exits as the signal would have ended it. Returns what ends that. */
export function onInterrupt(discard: () => void): () => void {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  const watches = Object.entries(codes).map(([signal, code]) => {
    const end = (): void => {
      discard()
      process.exit(code)
    }
    process.once(signal, end)
    return () => process.removeListener(signal, end)
  })
  return () => {
    for (const stop of watches) stop()
  }
}
