// Passkeys need scripts: what stands in the page for them appears only where they run and the browser knows passkeys.
"use strict";

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-needs-script]")) form.hidden = false;
}

// Whoever closes the browser's own dialog sees a sentence, if the page has one, and may press again.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const problem = document.getElementById("passkey-problem");
  if (problem) problem.hidden = false;
  for (const form of document.forms) delete form.dataset.sent;
});
