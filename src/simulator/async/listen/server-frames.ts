import { type ErrorDetail, errorFrame } from '../error-frames.ts'
import type { ListenBehaviour } from './behaviour.ts'

/** What was heard. */
export interface Reply {
  readonly text: string
  readonly final: boolean
}

/** A reply in one of the forms that a client of the real service takes. None is confirmed. */
export function replyFrame(
  { text, final }: Reply,
  { marks, textField, finalText }: Pick<ListenBehaviour, 'marks' | 'textField' | 'finalText'>,
): string {
  const type = { type: final ? 'done' : 'interim' }
  const marked = {
    type,
    final: { final },
    'is-final': { is_final: final },
    all: { ...type, final, is_final: final },
    'only-final': final ? { final } : {},
  }[marks]
  return JSON.stringify({ ...marked, ...(final && finalText === 'missing' ? {} : { [textField]: text }) })
}

/** Errors in the two forms of the HTTP API, and in two of which only the `type` is known. */
export function listenErrorFrame(detail: ErrorDetail, form: ListenBehaviour['errorForm']): string {
  if (form === 'bare') return JSON.stringify({ type: 'error', message: detail.message ?? detail.code })
  const frame = errorFrame(detail, form === 'detail' ? 'detail' : 'flat')
  return form === 'typed' ? `{"type":"error",${frame.slice(1)}` : frame
}
