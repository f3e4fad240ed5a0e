import { type RestReply, restError } from './error.ts'

/** The fields of a form, one or many values each. An empty value counts as not given. */
export interface Form {
  one(name: string): string | undefined
  all(name: string): string[]
}

export function formOf(fields: URLSearchParams): Form {
  return {
    one: (name) => fields.get(name) || undefined,
    all: (name) => fields.getAll(name).filter((value) => value !== ''),
  }
}

/** A value, or the refusal that Twilio answers. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reply: RestReply }

export function accepted<T>(value: T): Checked<T> {
  return { ok: true, value }
}

export function refused(code: number, message: string, status = 400): { ok: false; reply: RestReply } {
  return { ok: false, reply: restError(status, code, message) }
}

/** GET or POST, in any case of letters; POST by default. */
export function methodField(form: Form, name: string): Checked<'GET' | 'POST'> {
  const value = form.one(name)?.toUpperCase() ?? 'POST'
  return value === 'GET' || value === 'POST' ? accepted(value) : refused(21_209, `${name} must be GET or POST`)
}

/** A whole number within bounds. */
export function numberField(
  form: Form,
  name: string,
  { code, fallback, least, most }: { code: number; fallback: number; least: number; most: number },
): Checked<number> {
  const value = form.one(name)
  if (value === undefined) return accepted(fallback)
  const number = Number(value)
  if (Number.isInteger(number) && number >= least && number <= most) return accepted(number)
  return refused(code, `${name} must be a whole number from ${least} to ${most}`)
}

/** An absolute http(s) URL. The host of a status callback may have no underscore (Twilio docs, Call resource). */
export function urlField(form: Form, name: string, code: number): Checked<string | undefined> {
  const value = form.one(name)
  if (value === undefined) return accepted(undefined)
  const url = URL.parse(value)
  const usable = url && /^https?:$/.test(url.protocol) && !(name === 'StatusCallback' && url.hostname.includes('_'))
  return usable ? accepted(value) : refused(code, `${name} is not a valid URL: ${value.slice(0, 200)}`)
}
