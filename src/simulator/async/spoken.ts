import type { SpokenAudio } from '../spoken.ts'

/** One transcript, and the audio of it that went out. */
export interface Spoken extends SpokenAudio {
  /** Number of the connection, from 1; 0 over HTTP. */
  readonly connection: number
  /** Over HTTP `request-` and the number of the request. */
  readonly contextId: string
  readonly transcript: string
}
