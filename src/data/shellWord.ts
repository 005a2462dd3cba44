/** How a path stands in a message or a command to type; on one line, whatever is in it. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  if (!/\p{Cc}/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`
  return `$'${word.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`
}

/** A list as an option takes it: `a,b`, with quotes around entries that hold a comma or a quote. */
export const listText = (entries: readonly string[]): string =>
  entries.map((entry) => (/[",]|^\s|\s$/.test(entry) ? `"${entry.replaceAll('"', '""')}"` : entry)).join(',')

/** An option as it is typed in a shell: `--missing 'n/a,?'`, `--id=` for an empty text, `--missing=-999`. */
export function optionText(flag: string, value: string | readonly string[]): string {
  const text = typeof value === 'string' ? value : listText(value)
  // A value that begins with a dash would be taken for an option.
  return `--${flag}${text === '' || text.startsWith('-') ? '=' : ' '}${text === '' ? '' : shellWord(text)}`
}

/** The entries of a list as an option takes it: cut at commas that are not in quotes. */
export function splitList(text: string): string[] {
  const entries: string[] = []
  for (const [, quoted, plain] of `${text},`.matchAll(/\s*(?:"((?:[^"]|"")*)"\s*|([^,]*)),/g))
    entries.push(quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"'))
  return entries
}
