/** A directed graph whose vertices have capacities: vertices are 0, 1, …; `edges[v]` lists where v leads. */
interface Network {
  readonly capacities: readonly number[]
  readonly edges: readonly (readonly number[])[]
  readonly sources: readonly number[]
  readonly sinks: readonly number[]
}

/**
 * The vertices of least total capacity that every path from a source to a sink meets (sources and sinks count), the
 * nearest to the sinks if there are several such sets. Maximum flow by all shortest paths at a time: Dinic, Soviet Math.
 * Dokl. 11 (1970). Capacities are whole numbers.
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

  const level = new Int32Array(arcs.length)
  /** How far each node is from the source over arcs with room; whether the sink can be reached. */
  function measure(): boolean {
    level.fill(-1)
    level[source] = 0
    const queue = [source]
    for (let i = 0; i < queue.length && level[sink]! < 0; i++) {
      for (const arc of arcs[queue[i]!]!) {
        if (room[arc]! === 0 || level[to[arc]!]! >= 0) continue
        level[to[arc]!] = level[queue[i]!]! + 1
        queue.push(to[arc]!)
      }
    }
    return level[sink]! >= 0
  }

  while (measure()) {
    // All shortest paths, each arc looked at until it is of no more use.
    const next = new Int32Array(arcs.length)
    const path: number[] = []
    for (let at = source; ;) {
      if (at === sink) {
        const flow = Math.min(...path.map((arc) => room[arc]!))
        for (const arc of path) {
          room[arc]! -= flow
          room[arc ^ 1]! += flow
        }
        path.length = path.findIndex((arc) => room[arc] === 0)
        at = path.length > 0 ? to[path.at(-1)!]! : source
        continue
      }
      const arc = arcs[at]![next[at]!]
      if (arc === undefined) {
        if (at === source) break
        at = to[path.pop()! ^ 1]!
        next[at]!++
      } else if (room[arc]! > 0 && level[to[arc]!] === level[at]! + 1) {
        path.push(arc)
        at = to[arc]!
      } else next[at]!++
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
