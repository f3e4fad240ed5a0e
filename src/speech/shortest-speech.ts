/** Tags are read more loosely than by `parseMarkup`: one that Async may take for a tag must not count as words. */
const breakTag = /<break\b[^<>]{0,100}>/g
const breakTime = /time\s*=\s*["']?(\d{1,6}(?:\.\d{1,3})?)(ms|s)\b/
const otherTag = /<\/?(?:digits|phonemes)\b[^<>]{0,100}>/g
const spoken = /[\p{L}\p{N}]/gu

/** No voice speaks faster than this; usual speech takes about 80 ms a letter. */
const msPerCharacter = 35
/** Async clamps long pauses at a length it does not publish; up to here they are played in full. */
const longestSurePauseMs = 1200

/**
 * The shortest time, in milliseconds, in which a voice could have spoken `text`. Less audio than this is not all of
 * it; more may still not be all.
 */
export function shortestSpeechMs(text: string): number {
  let pauseMs = 0
  const words = text
    .replace(breakTag, (tag) => {
      const [, amount, unit] = breakTime.exec(tag) ?? []
      if (amount !== undefined) pauseMs += Math.min(Number(amount) * (unit === 's' ? 1000 : 1), longestSurePauseMs)
      return ' '
    })
    .replace(otherTag, ' ')
  return (words.match(spoken)?.length ?? 0) * msPerCharacter + pauseMs
}
