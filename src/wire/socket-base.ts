const schemes: ReadonlyMap<string, string> = new Map([
  ['http:', 'ws:'],
  ['https:', 'wss:'],
  ['ws:', 'ws:'],
  ['wss:', 'wss:'],
])

/** The address of a service with the scheme of a websocket and no slash at its end; `undefined` when it is no URL. */
export function socketBase(url: string): string | undefined {
  const base = URL.parse(url)
  const scheme = base ? schemes.get(base.protocol) : undefined
  if (!base || !scheme || base.host === '') return undefined
  return `${scheme}//${base.host}${base.pathname.replace(/\/+$/, '')}`
}
