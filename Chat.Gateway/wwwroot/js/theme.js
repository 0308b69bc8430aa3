// Before the first paint, so that nobody is blinded by the other colours: a classic script, and small.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem(`chat:${location.pathname}:theme`));
    if (theme)
      document.documentElement.dataset.theme = theme;
  } catch {
    // Nothing is kept here: the system's colours.
  }
})();
