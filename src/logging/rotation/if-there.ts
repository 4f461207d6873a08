// Runs in the arbiter: another master may have compressed or removed a rotated file since its name was read.

/** Undefined when the file is gone; anything else that fails rejects. */
export async function ifThere<Found>(looking: Promise<Found>): Promise<Found | undefined> {
  try {
    return await looking
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
