import type { Clock } from '../clock.ts'
import * as entries from '../journal.ts'
import type { ClientMessage, FaultCode } from './client-messages.ts'
import type { Spoken } from './spoken.ts'

export type ClientFault = entries.ClientFault<FaultCode>
export type ReceivedMessage = entries.ReceivedMessage<FaultCode, ClientMessage['kind']>
export type SpeechRequest = entries.SpeechRequest<FaultCode>

/** A request about voices. */
export interface VoiceRequest extends SpeechRequest {
  readonly method: string
}

export interface Journal extends entries.Journal<FaultCode, ClientMessage, Omit<Spoken, 'audio'>> {
  readonly voiceRequests: readonly VoiceRequest[]
  takeVoiceRequest(
    request: { method: string; path: string; body: unknown },
    found: readonly entries.MessageFault<FaultCode>[],
  ): VoiceRequest
}

export function createAsyncJournal(clock: Clock): Journal {
  const journal: entries.Journal<FaultCode, ClientMessage, Omit<Spoken, 'audio'>> = entries.createJournal(clock)
  const voiceRequests: VoiceRequest[] = []
  return {
    ...journal,
    voiceRequests,
    takeVoiceRequest(seen, found) {
      journal.blame(0, found)
      const faults = found.map((fault) => fault.code)
      const request = { ...seen, number: voiceRequests.length + 1, atMs: clock.now(), faults, status: undefined }
      voiceRequests.push(request)
      return request
    },
  }
}
