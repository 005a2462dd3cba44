/** An object has a key twice. */
export class RepeatedKey extends SyntaxError {}

/**
 * Parses JSON in which no object may have a key twice: `JSON.parse` would keep the last of them without a word.
 *
 * @throws RepeatedKey; SyntaxError for what is not JSON
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const twice = repeatedKey(text)
  if (twice !== undefined) throw new RepeatedKey(`the key ${twice.slice(0, 60)} stands twice in one object`)
  return value
}

/** The first key, as it is written, that an object of valid JSON repeats. Keys that differ in their escapes only are the same. */
function repeatedKey(text: string): string | undefined {
  // One for each object that is open; of an array, undefined.
  const open: (Set<string> | undefined)[] = []
  let keyNext = false
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '{':
        open.push(new Set())
        keyNext = true
        break
      case '[':
        open.push(undefined)
        keyNext = false
        break
      case '}':
      case ']':
        open.pop()
        keyNext = false
        break
      case ',':
        keyNext = open.at(-1) !== undefined
        break
      case '"': {
        const end = endOfString(text, i)
        if (keyNext) {
          const written = text.slice(i, end + 1)
          const key = JSON.parse(written) as string
          const keys = open.at(-1)!
          if (keys.has(key)) return written
          keys.add(key)
          keyNext = false
        }
        i = end
      }
    }
  }
  return undefined
}

/** Where the string that begins at a quotation mark ends. */
function endOfString(text: string, start: number): number {
  let end = start + 1
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end
}
