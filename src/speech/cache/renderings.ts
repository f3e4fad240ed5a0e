import { createRendering, foundRendering, type Rendering } from './rendering.ts'
import type { AudioStore } from './store.ts'

/** The renderings under way, and the store behind them: each text is rendered once at a time. */
export interface Renderings {
  of(key: string): Rendering
  has(key: string): Promise<boolean>
}

export function createRenderings(store: AudioStore): Renderings {
  const underWay = new Map<string, Rendering>()

  function over(key: string, rendering: Rendering): void {
    underWay.delete(key)
    const { end, origin, chunks } = rendering
    if (origin !== 'made' || end?.kind !== 'done') return
    // The sound of several texts, of none, or of perhaps not all of one is not kept.
    if (!end.joined && !end.unconfirmed && chunks.length > 0) store.write(key, chunks)
  }

  return {
    of(key) {
      const kept = store.peek(key)
      if (kept) return foundRendering(kept)
      const known = underWay.get(key)
      if (known) return known
      const rendering = createRendering(store.read(key), (ended) => over(key, ended))
      underWay.set(key, rendering)
      return rendering
    },
    has: async (key) => underWay.has(key) || (await store.has(key)),
  }
}
