/** The frames of Async docs, WebSocket page; without `contextId` they are those of July 2025. */
export function audioFrame(contextId: string | undefined, audio: Uint8Array, final = false): string {
  const encoded = Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength).toString('base64')
  return JSON.stringify({ ...(contextId === undefined ? {} : { context_id: contextId }), audio: encoded, final })
}

export function finalFrame(contextId: string | undefined): string {
  return audioFrame(contextId, new Uint8Array(), true)
}

/** Undocumented, seen live once; the fields beside `event` and `context_id` are made up. */
export function initAckFrame(contextId: string): string {
  return JSON.stringify({ event: 'init_ack', context_id: contextId, session: { state: 'ready', region: 'simulated' } })
}
