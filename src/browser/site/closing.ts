/** Shows the buttons that close this window, and hides them again if the browser doesn't let a script close it. */
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
