/**
 * Text that Markdown (CommonMark with GitHub's additions) shows as it is, in a paragraph, a heading or a cell of a table:
 * no markup, no HTML, no link comes of it, and it stays on its line.
 */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/[\s\u2028\u2029\u0085]+/g, ' ')
      .trim()
      // Controls, and what turns the direction of the text around it.
      .replace(/\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
      .replace(/[\\`*{}[\]<>#|~&$!@^=]/g, '\\$&')
      // Inside of a word an underscore is one.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      // Addresses would become links.
      .replace(/:(?=\/\/)/g, '\\:')
      .replace(/\b(www|ftp)\./gi, '$1\\.')
      // At the beginning of a line these begin a list, a quotation or a rule.
      .replace(/^[-+](?=\s|$|[-+ ]+$)/, '\\$&')
      .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
      .replace(/^(-{2,}|_{2,})$/, '\\$&')
  )
}

/** A table: names of columns, which begin with `>` where numbers stand in them, and rows of cells that are Markdown. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const numeric = columns.map((name) => name.startsWith('>'))
  return [
    line(columns.map((name) => name.replace(/^>/, ''))),
    line(numeric.map((right) => (right ? '--:' : '---'))),
    ...rows.map(line),
  ].join('\n')
}

/** A picture, from the place of the page. */
export function markdownImage(description: string, path: string): string {
  return `![${escapeMarkdown(description)}](${path
    .split('/')
    .map((part) => encodeURIComponent(part).replace(/[()'!*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`))
    .join('/')})`
}
