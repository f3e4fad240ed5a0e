import type * as entries from '../journal.ts'
import type { ClientMessage, FaultCode } from './client-messages.ts'
import type { SpokenAbout } from './spoken.ts'

export type ClientFault = entries.ClientFault<FaultCode>
export type ReceivedMessage = entries.ReceivedMessage<FaultCode, ClientMessage['kind']>
export type SpeechRequest = entries.SpeechRequest<FaultCode>
export type Journal = entries.Journal<FaultCode, ClientMessage, SpokenAbout>
