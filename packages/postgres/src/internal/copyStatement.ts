/** The statement of a copy, up to where its rows come from. Names are quoted, not escaped. */
export const copyStatement = (copy: { readonly table: string; readonly columns: ReadonlyArray<string> }): string =>
  `copy ${copy.table} (${copy.columns.map((column) => `"${column}"`).join(", ")}) from `
