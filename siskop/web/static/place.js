// Fills in the point where the device is, when somebody asks for it. Without it the point is typed.
for (const button of document.querySelectorAll('[data-module~=place]')) {
  const field = document.getElementById(button.dataset.for);
  const words = button.querySelector('span');
  const said = words.textContent;
  button.hidden = !('geolocation' in navigator);
  button.addEventListener('click', () => {
    words.textContent = button.dataset.asking;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      field.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.focus();
      words.textContent = said;
    }, () => { words.textContent = button.dataset.refused; field.focus(); }, { timeout: 20000, maximumAge: 60000 });
  });
}
