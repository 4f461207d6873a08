// Any process: environment variables as a whole. process.env would store undefined as text, so a variable is
// removed instead.

/** Environment variables without the special behaviour of process.env. */
export type Variables = Readonly<Record<string, string | undefined>>

export function setVariable(variables: NodeJS.ProcessEnv, name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(variables, name)
  else variables[name] = value
}

/** The value in `after` of each variable that differs; undefined for one that it does not have. */
export function changedVariables(before: Variables, after: Variables): Map<string, string | undefined> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return new Map([...names].filter((name) => before[name] !== after[name]).map((name) => [name, after[name]]))
}

/** Makes `live` equal to `wanted`. */
export function replaceVariables(live: NodeJS.ProcessEnv, wanted: Variables): void {
  for (const [name, value] of changedVariables(live, wanted)) setVariable(live, name, value)
}
