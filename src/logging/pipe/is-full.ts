// In both processes: what a write to a full pipe says.

/** Whether a write failed only because the other end does not take anything now. */
export function isFull(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK')
  )
}
