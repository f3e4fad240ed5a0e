/** A request to the REST API, as a switch may look at it. */
export interface RestRequest {
  readonly method: string
  readonly path: string
}

/**
 * What a REST request meets. `processed` says whether the request is carried out all the same: a create whose answer
 * never comes has dialled.
 */
export type RestAnswer =
  | { readonly kind: 'normal' }
  | { readonly kind: 'no-answer'; readonly processed: boolean }
  | { readonly kind: 'late'; readonly delayMs: number }
  | { readonly kind: 'reset'; readonly processed: boolean }
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body: 'json' | 'html' | 'empty'
      readonly processed: boolean
      /** Twilio's code in a JSON body; 20500 by default. */
      readonly code?: number
    }
