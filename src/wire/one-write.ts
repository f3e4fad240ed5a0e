import type { Writable } from 'node:stream'

/** What somebody has written to meanwhile, mostly one; undefined where each write leaves at once. */
let gathered: Writable[] | undefined

/**
 * What `writeBytes` is given meanwhile leaves in one write for each stream, when `work` is done. A service that makes sound
 * faster than it plays sends many messages at once: to write the frame of each alone was most of what they cost
 * (docs/performance.md).
 */
export function inOneWrite(work: () => void): void {
  if (gathered) return work()
  const streams: Writable[] = []
  gathered = streams
  try {
    work()
  } finally {
    gathered = undefined
    for (const stream of streams) stream.uncork()
  }
}

/**
 * Writes a string of which each character is one byte.
 *
 * @returns as `write` of a stream: false where more waits to be taken than should
 */
export function writeBytes(stream: Writable, bytes: string): boolean {
  if (gathered && !gathered.includes(stream)) {
    gathered.push(stream)
    stream.cork()
  }
  return stream.write(bytes, 'latin1')
}
