// Escapes text from a client or the app for a log line. Runs in a worker, several times per request: a string
// that needs no escape (nearly every one) costs one regular expression test and is returned unchanged. An
// access line is printable ASCII, because text from the network has no known encoding (nginx also escapes
// bytes above 126), and so that it cannot control a terminal. In messages only control characters are
// escaped: C0, DEL, C1 (U+0085 is a line break, U+009B starts a terminal escape sequence) and U+2028/2029,
// which many log readers treat as a line break.

const unsafeInText = /["\\]|[^ -~]/
const unsafeInBareText = /["\\]|[^!-~]/
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const unsafeInAsciiJson = /["\\]|[^ -~]/
const unsafeInJson = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/
/** Characters that JSON.stringify does not escape. */
const leftByJson = /[\u007f-\u009f\u2028\u2029]/

const everyUnsafeInText = new RegExp(unsafeInText, 'g')
const everyUnsafeInBareText = new RegExp(unsafeInBareText, 'g')
const everyControl = new RegExp(control, 'g')
const everyLeftByJson = new RegExp(leftByJson, 'g')
const everyOutsideAscii = /[^ -~]/g

/** Escapes text for an access log format, like Apache and nginx: `\"`, `\\`, `\x1b`, `\u2028`. */
export function escapeText(value: string): string {
  return unsafeInText.test(value) ? value.replace(everyUnsafeInText, escapeCharacter) : value
}

/**
 * Like `escapeText`, and also escapes spaces (`\x20`): for a value without quotes, where a space ends the
 * column.
 */
export function escapeBareText(value: string): string {
  return unsafeInBareText.test(value) ? value.replace(everyUnsafeInBareText, escapeCharacter) : value
}

/**
 * Escapes only control characters and line breaks: for messages, where quotes and backslashes are allowed.
 */
export function escapeControl(value: string): string {
  return control.test(value) ? value.replace(everyControl, escapeCharacter) : value
}

/** Returns a JSON string with quotes, in printable ASCII. */
export function asciiJsonString(value: string): string {
  return unsafeInAsciiJson.test(value)
    ? JSON.stringify(value).replace(everyOutsideAscii, escapeUnit)
    : `"${value}"`
}

/** Returns a JSON string with quotes, in printable characters, also for a lone surrogate. */
export function jsonString(value: string): string {
  return unsafeInJson.test(value) ? escapeJson(JSON.stringify(value)) : `"${value}"`
}

/** Escapes characters that JSON allows in strings, but that control a terminal or break a line. */
export function escapeJson(json: string): string {
  return leftByJson.test(json) ? json.replace(everyLeftByJson, escapeUnit) : json
}

function escapeCharacter(character: string): string {
  if (character === '"') return '\\"'
  if (character === '\\') return '\\\\'
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(code)
}

function escapeUnit(unit: string): string {
  return unicodeEscape(unit.charCodeAt(0))
}

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}
