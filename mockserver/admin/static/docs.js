SwaggerUIBundle({
  url: "/_mock/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null, // a badge that asks a foreign server
});
