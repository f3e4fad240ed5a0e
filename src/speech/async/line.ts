import { randomUUID } from 'node:crypto'
import type { BridgeError } from '../../errors.ts'
import type { Utterance } from './utterance.ts'

/**
 * What the present connection has shown of how the service names contexts, on which sources contradict each other; and at
 * the end what outlives the connection.
 */
export interface Line {
  /** The utterance that is passed on, once some of it was: what comes of it now goes straight to its sink. */
  passing: Utterance | undefined
  connected: boolean
  settled: boolean
  /** The context the service named itself (`init_ack`). */
  serverContextId: string | undefined
  /** Audio came without our context ids: utterances cannot be told apart by them. */
  anonymous: boolean
  /** Audio came with our context ids. */
  identified: boolean
  /** An utterance was broken off: what comes without our ids may still be of that one. */
  tainted: boolean
  /** Making utterances ahead did not go well here. */
  oneByOne: boolean
  /** Of the last utterance that was told as done. */
  doneContextId: string | undefined
  /** The service was seen to speak only in the context it names itself. */
  onlyServerContext: boolean
  /** Why the last connection was lost. */
  connectionError: BridgeError | undefined
  /** Connections that were lost: refused ones, while none was ever accepted. */
  losses: number
  everAccepted: boolean
  /** The service will not speak to us at all. */
  refusal: BridgeError | undefined
}

/** So many refused connections, within some three quarters of a second, are no accident. */
const mostRefusals = 3

/** A line that has shown nothing yet. */
export function createLine(): Line {
  return {
    passing: undefined,
    connected: false,
    settled: false,
    serverContextId: undefined,
    anonymous: false,
    identified: false,
    tainted: false,
    oneByOne: false,
    doneContextId: undefined,
    onlyServerContext: false,
    connectionError: undefined,
    losses: 0,
    everAccepted: false,
    refusal: undefined,
  }
}

/** The connection is gone. */
export function clearLine(line: Line): void {
  line.passing = undefined
  line.connected = line.settled = line.anonymous = line.identified = line.tainted = line.oneByOne = false
  line.serverContextId = line.doneContextId = undefined
}

/** Whether every connection so far was refused, and that several times. */
export function isOutOfReach(line: Line): boolean {
  return !line.everAccepted && line.losses >= mostRefusals
}

/** Whether a context can be begun; where only the server's will do, not before it is named or will not be. */
export function mayBegin(line: Line, utterance: Utterance): boolean {
  return line.connected && (line.settled || !needsServerContext(line, utterance))
}

/**
 * Whether others may be made while `current` is passed on: all of it was sent, and it is heard under the id we gave it,
 * so that no audio can be taken for another's, and an error that comes now is not likely to be its own.
 */
export function mayGoAhead(line: Line, current: Utterance): boolean {
  if (!line.identified || line.anonymous || line.oneByOne) return false
  return current.endedAt !== undefined && current.audioBytes > 0 && current.contextId !== line.serverContextId
}

function needsServerContext(line: Line, utterance: Utterance): boolean {
  return line.onlyServerContext || utterance.switched
}

/** The docs ask for a UUID: with ids of another form the service was seen to stay silent. */
export function chooseContext(line: Line, utterance: Utterance): string {
  return (needsServerContext(line, utterance) ? line.serverContextId : undefined) ?? randomUUID()
}

/** Whether its text may be said again in the context that the service named itself. */
export function canSwitch(line: Line, utterance: Utterance): boolean {
  return !utterance.switched && line.serverContextId !== undefined && utterance.contextId !== line.serverContextId
}

/** Whether a reply bears no context id of ours that could say whose it is. */
export function isShared(line: Line, contextId: string | undefined): boolean {
  return contextId === undefined || contextId === line.serverContextId
}

/** Whether a reply belongs to `utterance`, the one that is being spoken. */
export function belongs(line: Line, utterance: Utterance, contextId: string | undefined): boolean {
  if (!utterance.begun) return false
  if (contextId === utterance.contextId) return true
  if (line.tainted || !isShared(line, contextId)) return false
  return contextId === undefined || !line.identified
}

/** Notes what a reply with audio shows. */
export function hearAudio(line: Line, utterance: Utterance, contextId: string | undefined): void {
  if (contextId === utterance.contextId) {
    // The same id, and from now on the very string that the next frames bring: compared without being read.
    utterance.contextId = contextId
    if (contextId !== line.serverContextId) line.identified = true
  } else line.anonymous = true
  if (utterance.audioBytes === 0) line.onlyServerContext = utterance.contextId === line.serverContextId
}
