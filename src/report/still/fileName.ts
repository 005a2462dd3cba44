/**
 * A name for a file that every file system takes and nobody has to quote; a number,
 * from `number` on, keeps it apart from those that are taken.
 */
export function fileName(words: readonly string[], number: number, taken: ReadonlySet<string> = new Set()): string {
  const plain = words
    .map((word) =>
      word
        .normalize('NFKD')
        .replace(/[^A-Za-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')
        .slice(0, 40),
    )
    .filter((word) => word !== '')
    .join('-')
  // A file system may hold A and a to be the same.
  const used = new Set([...taken].map((other) => other.toLowerCase()))
  let name = plain
  for (let suffix = number; used.has(name.toLowerCase()); suffix++) name = `${plain}-n${suffix}`
  return name
}
