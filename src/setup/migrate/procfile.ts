// Runs in `tsgun migrate`: the processes of a Procfile. Pure.

export interface ProcessLine {
  readonly name: string
  readonly command: string
}

export function parseProcfile(text: string): readonly ProcessLine[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, name, command] = /^([\w-]+):\s*(\S.*)$/.exec(line.trim()) ?? []
      return name === undefined || command === undefined ? [] : [{ name, command }]
    })
}
