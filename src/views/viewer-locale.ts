import { textOf } from './html.js';

interface ForViewer {
  readonly locale?: unknown;
  readonly timeZone?: unknown;
}

/**
 * Whom the template that runs now is made for. Templates run in one go, so there is one at a time; macros, which know nothing of the
 * model, write for the same viewer as the template that calls them.
 */
export class ViewerLocale {
  locale = 'en';
  timeZone = 'UTC';

  within<T>({ locale, timeZone }: ForViewer, work: () => T): T {
    const { locale: localeBefore, timeZone: zoneBefore } = this;
    this.locale = textOf(locale) || 'en';
    this.timeZone = textOf(timeZone) || 'UTC';
    try {
      return work();
    } finally {
      this.locale = localeBefore;
      this.timeZone = zoneBefore;
    }
  }
}
