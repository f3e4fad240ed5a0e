import type { AsyncBehaviour } from './behaviour.ts'
import { isUuid, type TranscriptMessage } from './client-messages.ts'
import { finalFrame } from './server-frames.ts'
import type { Context, Speaker } from './speaker.ts'

export interface Contexts {
  take(message: TranscriptMessage): void
  /** Drops a context with everything that waits in it. */
  abandon(contextId: string): void
}

/** The contexts of one socket: which ids speak, what text is held back, and what ends them. */
export function createContexts(deps: {
  readonly behaviour: AsyncBehaviour
  readonly serverContextId: string
  readonly speaker: Speaker
  readonly send: (frame: string) => boolean
}): Contexts {
  const { behaviour, serverContextId, speaker, send } = deps
  const open = new Map<string, Context>()

  function contextOf(id: string): Context {
    const known = open.get(id)
    if (known) return known
    const context = { id, isDefault: id === serverContextId, held: '', finalSent: false, ended: false }
    open.set(id, context)
    return context
  }

  function speaks(id: string): boolean {
    if (id === serverContextId || behaviour.contextIds === 'honoured') return true
    return behaviour.contextIds === 'uuid-only' && isUuid(id)
  }

  function release(context: Context): void {
    const { held } = context
    context.held = ''
    if (held.trim() !== '') speaker.say(context, held)
  }

  function text(context: Context, { transcript, force }: TranscriptMessage): void {
    if (!force) {
      context.held += transcript
      if (context.held.length >= behaviour.holdCharacters) release(context)
      return
    }
    if (behaviour.forceFlushesHeld) {
      context.held += transcript
      release(context)
    } else speaker.say(context, transcript)
  }

  function end(context: Context, final: boolean): void {
    release(context)
    // What comes with this id from now on begins a new context behind this one.
    open.delete(context.id)
    speaker.end(context, final)
  }

  return {
    take(message) {
      const id = message.contextId ?? serverContextId
      const keepalive = message.kind === 'blank' && !message.force
      if (keepalive) return
      if (!speaks(id)) {
        send(finalFrame(behaviour.contextIdInReplies ? id : undefined))
        return
      }
      const context = contextOf(id)
      if (message.kind === 'blank') {
        if (behaviour.forceFlushesHeld && context.held !== '') release(context)
        else speaker.flush(context)
      } else if (message.kind === 'text') text(context, message)
      else if (message.kind === 'end') end(context, behaviour.endOfInput === 'final')
      else if (behaviour.closeContext === 'graceful') {
        if (message.transcript.trim() !== '') text(context, { ...message, force: true })
        end(context, true)
      } else {
        open.delete(id)
        speaker.cut(context, behaviour.closeContext)
      }
    },
    abandon(contextId) {
      open.delete(contextId)
      speaker.abandon(contextId)
    },
  }
}
