/**
 * `title` and `alttitle` of an entry as SQL, from its title `main` in its original language: romanised, and in the original
 * script where that is another.
 */
export const displayTitle = `coalesce(main.latin, main.title) as title,
  case when main.latin is null then null else main.title end as alttitle`
