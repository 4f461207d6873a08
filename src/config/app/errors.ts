// Why a worker has no app to serve. Two classes, because they end with different exit codes (gunicorn's 3 and
// 4); the caller of loadApp maps them. Thrown in workers; the arbiter only parses the setting.

/** The module ran, but what `app` names is missing or is not an app. The worker exits with code 4. */
export class AppError extends Error {
  override readonly name = 'AppError'
}

/** The module was not found, or the user's code threw (the cause). The worker exits with code 3. */
export class AppBootError extends Error {
  override readonly name = 'AppBootError'
}
