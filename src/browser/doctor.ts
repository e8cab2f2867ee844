import { examine, type Patient } from './doctor/examination.js';
import { openProbe, type Probe } from './doctor/frame-facts.js';
import type { PopupOutcome } from './doctor/messages.js';
import { panelIn } from './doctor/panel.js';
import { asText, summaryOf, worst } from './doctor/report.js';
import { themeOf } from './embed/page-environment.js';

/**
 * Checks the page around a gadget and shows the report below it, in `box`. Sends the page an event `oriel-doctor`, whose
 * detail is `{level, lines}` and contains nothing about a viewer.
 */
export const doctor = (patient: Patient, box: HTMLElement): void => {
  const { element, origin } = patient;
  let probe: Probe | null = null;
  let running = false;

  const examineOnce = async (): Promise<void> => {
    probe?.end();
    panel.busy();
    const attribute = (name: string): string => element.getAttribute(name) ?? '';
    const examined = await examine(patient, (origins) =>
      openProbe(panel.place, origin, {
        host: attribute('host'),
        gadget: attribute('gadget'),
        theme: themeOf(element),
        origins,
      }),
    );
    probe = examined.probe;
    const report = (popup: PopupOutcome | null): void => {
      const lines = examined.lines(popup);
      const where = {
        page: window.origin,
        host: attribute('host'),
        gadget: attribute('gadget'),
        gadgetOrigin: origin,
      };
      panel.show(lines, summaryOf(lines), asText(lines, where));
      const detail = { level: worst(lines), lines };
      element.dispatchEvent(new CustomEvent('oriel-doctor', { bubbles: true, composed: true, detail }));
    };
    report(null);
    probe.onPopup(report);
  };
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    // A failed run must not block the next one.
    await examineOnce().finally(() => {
      running = false;
    });
  };

  const panel = panelIn(box, themeOf(element), () => void run());
  void run();
};
