/**
 * Loads Oriel's script, which defines `<oriel-gadget>`, once per page. Resolves when the element can be used; rejects where the script
 * cannot be loaded.
 */
export const loadOriel = async (gadgetOrigin) => {
  const { origin } = new URL(gadgetOrigin);
  const src = `${origin}/embed.js`;
  if (customElements.get('oriel-gadget') !== undefined) return;
  const known = [...document.scripts].find((script) => script.src === src);
  const script = known ?? Object.assign(document.createElement('script'), { src, async: true });
  const failed = new Promise((_, reject) => {
    script.addEventListener('error', () => {
      // Another attempt may succeed: the element is of no use any more.
      script.remove();
      reject(new Error(`${src} could not be loaded. Is ${origin} allowed in script-src?`));
    });
  });
  if (known === undefined) document.head.append(script);
  await Promise.race([customElements.whenDefined('oriel-gadget'), failed]);
};
