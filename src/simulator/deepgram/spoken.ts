import type { SpokenAudio } from '../spoken.ts'

/** What one stretch of speech was made of. */
export interface SpokenAbout {
  /** Number of the connection, from 1; 0 over HTTP. */
  readonly connection: number
  /** Number of the request over HTTP, from 1; 0 on a websocket. */
  readonly request: number
  readonly model: string
  readonly speed: number
  /** A sentence, or what was left at a Flush; over HTTP the whole text. Without the space around it. */
  readonly text: string
}

export type Spoken = SpokenAbout & SpokenAudio
