/** HTML that may go into a page as it stands. Made by `html` only, so that text cannot get there unescaped. */
export interface Html {
  readonly markup: string
}

type Content = string | number | Html | readonly Content[] | undefined | false

/** Markup with everything that is filled in escaped, unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { markup: strings.reduce((markup, part, i) => markup + render(contents[i - 1]) + part) }
}

/** Trusted text as markup: for styles, scripts and the like that this package wrote. */
export function trusted(markup: string): Html {
  return { markup }
}

/** Text that cannot end an element or an attribute value. */
export function escapeHtml(text: string): string {
  return (
    text
      .replace(/[&<>"'`]/g, (c) => `&#${c.charCodeAt(0)};`)
      // Controls that HTML forbids, and those that turn the direction of the text around them.
      .replace(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, (c) => ('\t\n\r'.includes(c) ? c : '\ufffd'))
  )
}

/** JSON that is safe inside a script element and as JavaScript. */
export function embedJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function render(content: Content): string {
  if (content === undefined || content === false) return ''
  if (typeof content === 'string') return escapeHtml(content)
  if (typeof content === 'number') return String(content)
  if (isList(content)) return content.map(render).join('')
  return content.markup
}

function isList(content: Html | readonly Content[]): content is readonly Content[] {
  return Array.isArray(content)
}
