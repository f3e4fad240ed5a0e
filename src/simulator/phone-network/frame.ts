import { msToBytes } from '../../audio/duration.ts'

/** A frame of a media stream: 20 ms of mu-law (Twilio docs, Media Streams WebSocket messages). */
export const frameMs = 20
export const frameBytes = msToBytes(frameMs)
