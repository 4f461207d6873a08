// Makes what a client or the app sent safe to stand in a log line. Runs in a worker, several times a request:
// a string that needs no escaping (nearly every one) costs one regular expression test and is returned as it
// is. An access line is printable ASCII: what came over the wire has no known encoding (nginx too escapes
// bytes above 126), and what is not there cannot drive a terminal. In prose, which people write, only control
// characters are escaped; beyond C0 and DEL these are C1 (U+0085 is a line break, U+009B starts a terminal's
// escape sequence) and U+2028/2029, which many readers of logs take for the end of a line.

const unsafeInText = /["\\]|[^ -~]/
const unsafeInBareText = /["\\]|[^!-~]/
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const unsafeInAsciiJson = /["\\]|[^ -~]/
const unsafeInJson = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/
/** What JSON.stringify leaves as it is, and we do not. */
const leftByJson = /[\u007f-\u009f\u2028\u2029]/

const everyUnsafeInText = new RegExp(unsafeInText, 'g')
const everyUnsafeInBareText = new RegExp(unsafeInBareText, 'g')
const everyControl = new RegExp(control, 'g')
const everyLeftByJson = new RegExp(leftByJson, 'g')
const everyOutsideAscii = /[^ -~]/g

/** Escapes for a text format of the access log, as Apache and nginx do: `\"`, `\\`, `\x1b`, `\u2028`. */
export function escapeText(value: string): string {
  return unsafeInText.test(value) ? value.replace(everyUnsafeInText, escapeCharacter) : value
}

/**
 * As `escapeText`, and white space too (`\x20`): for a value without quotes around it, where a space starts
 * the next column.
 */
export function escapeBareText(value: string): string {
  return unsafeInBareText.test(value) ? value.replace(everyUnsafeInBareText, escapeCharacter) : value
}

/** Escapes control characters and line breaks only: for prose, where quotes and backslashes are welcome. */
export function escapeControl(value: string): string {
  return control.test(value) ? value.replace(everyControl, escapeCharacter) : value
}

/** A JSON string with its quotes, in printable ASCII. */
export function asciiJsonString(value: string): string {
  return unsafeInAsciiJson.test(value)
    ? JSON.stringify(value).replace(everyOutsideAscii, escapeUnit)
    : `"${value}"`
}

/** A JSON string with its quotes, in printable characters; also of a lone surrogate. */
export function jsonString(value: string): string {
  return unsafeInJson.test(value) ? escapeJson(JSON.stringify(value)) : `"${value}"`
}

/** Escapes in JSON text what JSON allows inside strings but a terminal or a reader of lines obeys. */
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
