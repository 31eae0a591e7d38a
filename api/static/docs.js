"use strict";

(() => {
  const place = document.getElementById("swagger-ui");
  // Swagger UI goes dark by a class of the root element.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();
  window.SwaggerUIBundle({
    url: place.dataset.description,
    domNode: place,
    deepLinking: true,
    validatorUrl: null,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    // BaseLayout is Swagger UI without its top bar.
    layout: "BaseLayout",
  });
})();
