// docs/reference/settings.md, made from the settings table.

import { settingText, showText } from '../../src/config/schema/texts.ts'
import { sections, type Section } from '../../src/config/settings/row.ts'
import { settingNames, settings, type SettingName } from '../../src/config/settings/table.ts'
import { linkPages } from './lines.ts'

const head = `# Settings

All settings of this version. An unknown name or a wrong value ends the start, with one line for each
mistake. \`tsgun --print-config\` shows each value in force and where it comes from.

- Precedence: default < config file < \`TSGUN_CMD_ARGS\` < command line
  ([config.md](../start/config.md)).
- Durations are in seconds. Sizes are bytes, or text such as \`"512M"\`.
- "Changes with a restart only": a reload (HUP) keeps the old value and logs a warning that names
  the setting. All others change with a reload.
- A config file may also hold hooks ([hooks.md](hooks.md)).
- The settings of gunicorn and their counterparts: [from-gunicorn.md](../migrate/from-gunicorn.md).
`

export function settingsPage(): string {
  const names = Object.keys(sections) as Section[] // the table's own keys
  return [head, contents(names), ...names.map(sectionText)].join('\n')
}

function contents(names: readonly Section[]): string {
  const row = (section: Section): string => {
    const links = settingsOf(section).map((name) => `[\`${name}\`](#${name})`)
    return `- **${sections[section]}**: ${links.join(', ')}`
  }
  return `${names.map(row).join('\n')}\n`
}

function settingsOf(section: Section): readonly SettingName[] {
  return settingNames.filter((name) => settings[name].section === section)
}

function sectionText(section: Section): string {
  return [`## ${sections[section]}\n`, ...settingsOf(section).map(settingEntry)].join('\n')
}

function settingEntry(name: SettingName): string {
  return `### ${name}\n\n${linkPages(showText(settingText(settings[name])))}\n`
}
