import { bytesToMs } from '../../audio/duration.ts'
import { estimateMs } from '../estimate.ts'
import { bytesOf } from './audio.ts'
import type { Rendering } from './rendering.ts'

/** Sound that is rendered before it is asked for, at most. */
const preparedMs = 30_000

/** What will surely be said first, rendered before it is: for as long as it is not said, it is held on to. */
export interface Preparation {
  begin(): void
  /** A prepared rendering, which is the taker's from now on; none when it failed. */
  take(key: string): { readonly rendering: Rendering; leave(): void } | undefined
  /** What is being prepared, or was and is not taken yet. */
  keys(): ReadonlySet<Rendering>
  close(): void
}

/**
 * @param texts of one utterance each
 * @param deps `lookedUp` is told once whether all of `texts` are there or in the making somewhere, `prepared` once how
 *   much sound is there, when all that was to be rendered is
 */
export function createPreparation(
  texts: readonly string[],
  deps: {
    keyOf(text: string): string
    want(text: string, changed: () => void): { readonly rendering: Rendering; leave(): void }
    has(key: string): Promise<boolean>
    readonly language: string | undefined
    lookedUp(complete: boolean): void
    prepared(audioMs: number): void
  },
): Preparation {
  const held = new Map<string, { readonly rendering: Rendering; leave: () => void }>()
  let begun: Rendering[] = []
  let lookedUp = false
  let told = false

  function look(complete: boolean): void {
    if (!lookedUp && begun.every(({ origin }) => origin !== undefined)) {
      lookedUp = true
      deps.lookedUp(complete)
    }
    if (told || begun.length === 0 || begun.some(({ end }) => end?.kind !== 'done')) return
    told = true
    deps.prepared(begun.reduce((sum, { chunks }) => sum + bytesToMs(bytesOf(chunks)), 0))
    // What was said need not stay in memory.
    begun = []
  }

  return {
    begin() {
      const wanted = new Map(texts.filter((text) => text.trim() !== '').map((text) => [deps.keyOf(text), text]))
      if (wanted.size === 0) return deps.lookedUp(false)
      const later: string[] = []
      let aheadMs = 0
      let complete: boolean | undefined
      for (const [key, text] of wanted) {
        if (aheadMs >= preparedMs) {
          later.push(key)
          continue
        }
        aheadMs += estimateMs(text, deps.language)
        const one = deps.want(text, () => complete !== undefined && look(complete))
        begun.push(one.rendering)
        held.set(key, one)
      }
      void Promise.all(later.map((key) => deps.has(key))).then((there) => {
        complete = there.every(Boolean)
        look(complete)
      })
    },
    take(key) {
      const one = held.get(key)
      held.delete(key)
      return one && one.rendering.end?.kind !== 'failed' ? one : undefined
    },
    keys: () => new Set([...held.values()].map(({ rendering }) => rendering)),
    close() {
      for (const one of held.values()) one.leave()
      held.clear()
    },
  }
}
