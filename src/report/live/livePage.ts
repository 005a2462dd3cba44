import type { TimeAxis } from '../../data/series.js'
import type { LiveContents } from './liveContents.js'

/** What stands in the page as JSON: the model, and what is needed to show it. */
export interface LivePage extends LiveContents {
  readonly time: TimeAxis
  readonly timeColumn: string
  readonly idColumn: string
  /** The WebAssembly kernel, base64. */
  readonly kernel: string
}

/** So many channels are drawn at first. */
const CHANNELS_AT_FIRST = 4

/** The channels with the most observations in the series given, in the model's order. */
export function channelsAtFirst(
  { normalisation, series }: Pick<LiveContents, 'normalisation' | 'series'>,
  most = CHANNELS_AT_FIRST,
): number[] {
  const counts = normalisation.channels.map(() => 0)
  for (const one of series) for (const channel of one.channels) counts[channel]!++
  return [...counts.keys()]
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, most)
    .sort((a, b) => a - b)
}
