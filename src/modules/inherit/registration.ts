// Workers, and the threads and processes that an app starts. The option of Node that loads register.js beside
// this file before the program: it carries the store of the generation, whatever the environment is.
import { pathToFileURL } from 'node:url'
import { ownUrl } from '../../os/own-code.ts'

/** Returns the option for a store. */
export function registrationOption(storeDirectory: string): string {
  const url = ownUrl('modules/inherit/register')
  url.searchParams.set('store', pathToFileURL(storeDirectory).href)
  return `--import=${url.href}`
}

/** Options of Node for a program that is started with `words`, with the registration among them. */
export function withRegistration(words: readonly string[], option: string): readonly string[] {
  return words.includes(option) ? words : [...words, option]
}
