/** What is told of an error code. The texts may hold code marks and links as Markdown writes them. */
export interface ErrorPage {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
  /** Its causes, and what to do about each. */
  readonly mend: string;
}
