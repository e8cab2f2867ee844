/** The data of a launch, sent in the body of one form POST and never in a URL. */
export interface Launch {
  readonly origin: string;
  readonly host: string;
  readonly gadget: string;
  readonly token: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly theme: string;
  readonly locale: string;
  readonly timeZone: string;
}

/** A new, empty frame with a unique name. */
export const newFrame = (title: string): HTMLIFrameElement => {
  const frame = document.createElement('iframe');
  frame.name = `oriel-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  frame.title = title;
  frame.style.setProperty('border', '0');
  frame.style.setProperty('inline-size', '100%');
  return frame;
};

const hidden = (name: string, value: string): HTMLInputElement => {
  const input = document.createElement('input');
  input.type = 'hidden';
  input.name = name;
  input.value = value;
  return input;
};

/**
 * Posts the launch into the frame, which must be in the document and still empty: leaving an empty document adds nothing to
 * the page's history.
 */
export const submitInto = (frame: HTMLIFrameElement, launch: Launch): void => {
  const form = document.createElement('form');
  form.method = 'post';
  form.target = frame.name;
  form.action = `${launch.origin}/h/${encodeURIComponent(launch.host)}/g/${encodeURIComponent(launch.gadget)}`;
  form.hidden = true;
  form.append(
    hidden('token', launch.token),
    hidden('theme', launch.theme),
    hidden('locale', launch.locale),
    hidden('time-zone', launch.timeZone),
    ...Object.entries(launch.parameters).map(([name, value]) => hidden(`p.${name}`, value)),
  );
  document.body.append(form);
  form.submit();
  form.remove();
};
