// A classic script, as it has to run before the first paint.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem(`chat:${location.pathname}:theme`));
    if (theme)
      document.documentElement.dataset.theme = theme;
  } catch {
    // Nothing is kept here: the system's colours.
  }
})();
