import type { ErrorCode } from '../../errors.ts'

/** To the worker thread: say this. One at a time; the next is sent when the last has been reported `done` or `failed`. */
export interface Job {
  /** SSML; empty to load the engine and check the language only. */
  readonly ssml: string
  readonly language: string
  /** One number in shared memory: 1 stops the job. A message could not, since the engine does not look up. */
  readonly stop: Int32Array
}

/** From the worker thread. */
export type Report =
  | { readonly kind: 'audio'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly retryable: boolean }
