import type { SpeechEvent } from '../speech/provider.ts'
import type { Timeline } from './events.ts'

/** What the speech session tells of its rendering, put into the timeline of the call. */
export function tellRendering(timeline: Timeline): (event: SpeechEvent) => void {
  const counts = { hit: 0, shared: 0, miss: 0 }
  return (event) => {
    if (event.type === 'prepared') timeline.report({ type: 'prepared', audioMs: event.audioMs })
    if (event.type !== 'cache') return
    counts[event.result]++
    timeline.report({ type: 'cache', hits: counts.hit, shared: counts.shared, misses: counts.miss })
  }
}
