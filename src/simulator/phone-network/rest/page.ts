import type { RestReply } from './error.ts'

const defaultPageSize = 50
const largestPageSize = 1000

/** One page of a list, as the API of 2010 gives it; `PageSize` and `Page` are read from the query. */
export function pageOf<T>(
  name: string,
  path: string,
  query: URLSearchParams,
  all: readonly T[],
  resource: (item: T) => Record<string, unknown>,
): RestReply {
  const pageSize = Math.min(Math.max(Number(query.get('PageSize')) || defaultPageSize, 1), largestPageSize)
  const page = Math.max(Number(query.get('Page')) || 0, 0)
  const start = page * pageSize
  const items = all.slice(start, start + pageSize)
  const uri = (number: number) => {
    const next = new URLSearchParams(query)
    next.set('PageSize', String(pageSize))
    next.set('Page', String(number))
    if (number > 0) next.set('PageToken', `PA${start}`)
    return `${path}?${next.toString()}`
  }
  return {
    status: 200,
    body: {
      [name]: items.map(resource),
      first_page_uri: uri(0),
      next_page_uri: start + pageSize < all.length ? uri(page + 1) : null,
      previous_page_uri: page > 0 ? uri(page - 1) : null,
      page,
      page_size: pageSize,
      start,
      end: start + Math.max(items.length - 1, 0),
      uri: uri(page),
    },
  }
}
