/** Shows the buttons that close this window; where the browser does not let a script close it, they go again. */
export const offerClosing = (): void => {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-oriel-close]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      window.close();
      setTimeout(() => {
        button.hidden = true;
      }, 300);
    });
  }
};
