/** A directed graph whose vertices have capacities: vertices are 0, 1, …; `edges[v]` lists where v leads. */
export interface Network {
  readonly capacities: readonly number[]
  readonly edges: readonly (readonly number[])[]
  readonly sources: readonly number[]
  readonly sinks: readonly number[]
}

/**
 * The vertices of least total capacity that every path from a source to a sink meets (sources and sinks count), the
 * nearest to the sinks if there are several such sets. Maximum flow by shortest augmenting paths: Edmonds and Karp,
 * J. ACM 19 (1972). Capacities are whole numbers.
 */
export function minimumCut({ capacities, edges, sources, sinks }: Network): number[] {
  // Vertex v is an arc from 2v to 2v + 1 of its capacity; all other arcs are unlimited.
  const count = capacities.length
  const [source, sink] = [2 * count, 2 * count + 1]
  const to: number[] = []
  const room: number[] = []
  const arcs: number[][] = Array.from({ length: 2 * count + 2 }, () => [])
  const connect = (from: number, end: number, capacity: number): void => {
    arcs[from]!.push(to.push(end) - 1)
    room.push(capacity)
    arcs[end]!.push(to.push(from) - 1)
    room.push(0)
  }
  capacities.forEach((capacity, v) => connect(2 * v, 2 * v + 1, capacity))
  edges.forEach((ends, v) => ends.forEach((end) => connect(2 * v + 1, 2 * end, Infinity)))
  for (const v of sources) connect(source, 2 * v, Infinity)
  for (const v of sinks) connect(2 * v + 1, sink, Infinity)

  for (;;) {
    const by = new Map<number, number>([[source, -1]])
    const queue = [source]
    for (let i = 0; i < queue.length && !by.has(sink); i++) {
      for (const arc of arcs[queue[i]!]!) {
        if (room[arc]! === 0 || by.has(to[arc]!)) continue
        by.set(to[arc]!, arc)
        queue.push(to[arc]!)
      }
    }
    if (!by.has(sink)) break
    const path: number[] = []
    for (let at = sink; at !== source; at = to[path.at(-1)! ^ 1]!) path.push(by.get(at)!)
    const flow = Math.min(...path.map((arc) => room[arc]!))
    for (const arc of path) {
      room[arc]! -= flow
      room[arc ^ 1]! += flow
    }
  }

  const reaches = new Set([sink])
  const queue = [sink]
  for (let i = 0; i < queue.length; i++) {
    for (const arc of arcs[queue[i]!]!) {
      const from = to[arc]!
      if (room[arc ^ 1]! === 0 || reaches.has(from)) continue
      reaches.add(from)
      queue.push(from)
    }
  }
  return capacities.flatMap((_, v) => (reaches.has(2 * v + 1) && !reaches.has(2 * v) ? [v] : []))
}
