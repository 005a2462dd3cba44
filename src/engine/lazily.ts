/** Makes something at the first call and keeps it. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** What each time and channel gives, worked out when it is first asked for: every course asks for it again. */
export function remembered<T>(channels: number, of: (time: number, channel: number) => T): (time: number, channel: number) => T {
  const known = new Map<number, T>()
  return (time, channel) => {
    const cell = time * channels + channel
    const found = known.get(cell)
    if (found !== undefined) return found
    const made = of(time, channel)
    known.set(cell, made)
    return made
  }
}
