// docs/reference/settings.md, made from the settings table.

import { sections, type Section, type Setting } from '../../src/config/settings/row.ts'
import { settingNames, settings, type SettingName } from '../../src/config/settings/table.ts'

const head = `# Settings

Every setting of this version, made from the table in \`src/config/settings/table.ts\` by \`npm run docs\`. An unknown name or a wrong value ends
the start with one line for each mistake; \`tsgun --print-config\` shows the values in force and where each comes from. Precedence:
default < config file < \`TSGUN_CMD_ARGS\` < command line ([config.md](../start/config.md)). Durations are seconds.

Besides settings a config file may hold hooks ([hooks.md](hooks.md)). What became of each setting of gunicorn is in
[from-gunicorn.md](../migrate/from-gunicorn.md).
`

export function settingsPage(): string {
  const names = Object.keys(sections) as Section[] // the table's own keys
  return [head, contents(), ...names.map(sectionText)].join('\n')
}

function contents(): string {
  const row = (name: SettingName): string => {
    const { section, flag }: Setting = settings[name]
    return (
      `| [\`${name}\`](#${name}) | ${flag === undefined ? '' : `\`${flag}\``} | ${defaultOf(name)} | ` +
      `${sections[section]} |`
    )
  }
  return [
    '| setting | command line | default | section |',
    '|---|---|---|---|',
    ...settingNames.map(row),
    '',
  ].join('\n')
}

function sectionText(section: Section): string {
  const names = settingNames.filter((name) => settings[name].section === section)
  return [`## ${sections[section]}\n`, ...names.map(settingText)].join('\n')
}

function settingText(name: SettingName): string {
  const { doc, expects, flag, text, fixed }: Setting = settings[name]
  const often = text === 'list' || text === 'pairs' || text === 'parts' ? ', may be repeated' : ''
  const facts = [
    `value: ${expects}`,
    `default: ${defaultOf(name)}`,
    ...(flag === undefined ? [] : [`command line: \`${flag}\`${often}`]),
    fixed
      ? 'changes with a restart only: a reload (HUP) keeps the old value and says so'
      : 'changes with a reload (HUP)',
  ]
  return `### ${name}\n\n${doc}\n\n${facts.map((fact) => `- ${fact}`).join('\n')}\n`
}

function defaultOf(name: SettingName): string {
  const row: Setting = settings[name]
  return row.defaultText ?? `\`${JSON.stringify(row.default)}\``
}
