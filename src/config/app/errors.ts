// Why a worker has no app, in two classes, because the two end with different exit codes (gunicorn's 3 and
// 4). Runs in a worker; whoever called loadApp maps them to the table of exit codes.

/**
 * The module was found and ran, but what `app` names is missing or is not an app: a worker ends with exit
 * code 4.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
}

/**
 * The module was not found, or the user's code failed while it ran (its error is the cause): a worker ends
 * with exit code 3.
 */
export class AppBootError extends Error {
  override readonly name = 'AppBootError'
}
