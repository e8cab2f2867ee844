/** The documentation of an error code. The texts may contain code marks and links in Markdown. */
export interface ErrorPage {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
  /** Its causes, and what to do about each. */
  readonly fix: string;
}
