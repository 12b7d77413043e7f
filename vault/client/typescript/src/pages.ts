// Lists over all their pages.

/** Which part of a list is asked for. */
export interface ListQuery {
  /** How many at most; 100 unless said otherwise. */
  readonly limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor?: string | undefined;
}

/** Everything on all pages, from the query on. A page is fetched when the one before has been taken. */
export async function* all<T, Q extends ListQuery>(
  query: Q,
  page: (query: Q) => Promise<Page<T>>,
): AsyncGenerator<T, void, void> {
  for (let next: Q | undefined = query; next !== undefined; ) {
    const { items, next_cursor: cursor }: Page<T> = await page(next);
    yield* items;
    next = cursor === undefined ? undefined : { ...query, cursor };
  }
}
