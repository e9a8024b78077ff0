// Keeps the demo page live: pieces come as the server sends them, buttons act without leaving the page.
"use strict";

const stage = document.querySelector("[data-events]");
const said = document.getElementById("said");

const events = new EventSource(stage.dataset.events);
events.addEventListener("piece", (event) => {
  const piece = JSON.parse(event.data);
  document.getElementById(piece.id).innerHTML = piece.html;
});

events.addEventListener("move", (event) => location.assign(event.data));

async function act(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "X-Requested-With": "demo.js" },
    });
    said.textContent = answer.ok ? "" : await answer.text();
    if (answer.ok) form.reset();
  } catch {
    said.textContent = "The daemon does not answer; is it still running?";
  } finally {
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-live]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form);
  });
}
