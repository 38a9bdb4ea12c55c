/** A question mark in the colour of the page. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5f5b"/>
<text x="16" y="24" font-family="Georgia,serif" font-size="23" font-weight="bold" text-anchor="middle" fill="white">?</text></svg>`;
export const PAGE_ICON = `data:image/svg+xml,${encodeURIComponent(ICON)}`;

const SANS = `system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif`;
const MONO = `ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace`;

/** How the page of the endpoints looks: one column to read, quiet colours, the verb as the only mark. */
export const PAGE_STYLE = `
:root { --ink: #1b2430; --soft: #5b6776; --line: #e3e7ec; --paper: #fbfbfa; --mark: #1f5f5b; }
body { background: var(--paper); border-top: 6px solid var(--mark); }
.swagger-ui, .swagger-ui .info .title, .swagger-ui .opblock-tag, .swagger-ui .opblock .opblock-summary-description,
.swagger-ui .info p, .swagger-ui .btn, .swagger-ui table, .swagger-ui label { font-family: ${SANS}; color: var(--ink); }
.swagger-ui .topbar, .swagger-ui .scheme-container .schemes-title, .swagger-ui .info .title small { display: none; }
.swagger-ui .wrapper { max-width: 1080px; padding: 0 32px; }
.swagger-ui .info { margin: 40px 0 20px; }
.swagger-ui .info .title { font-family: Georgia, 'Times New Roman', serif; font-size: 44px; letter-spacing: -0.5px; }
.swagger-ui .info p { font-size: 16px; line-height: 1.6; max-width: 46em; margin: 0;
  color: var(--soft); }
.swagger-ui .info code, .swagger-ui .renderedMarkdown code { font-family: ${MONO}; font-size: 0.88em; font-weight: 500;
  color: var(--mark); background: #eaf1f0; border-radius: 4px; padding: 2px 5px; }
.swagger-ui .scheme-container { background: none; box-shadow: none; margin: 0; padding: 0 0 8px; }
.swagger-ui .scheme-container .auth-wrapper { justify-content: flex-start; }
.swagger-ui .btn.authorize { color: var(--mark); border: 1px solid var(--mark); border-radius: 6px; background: white; }
.swagger-ui .btn.authorize svg { fill: var(--mark); }
.swagger-ui .btn.execute { background: var(--mark); border-color: var(--mark); color: white; }
.swagger-ui .opblock-tag { font-size: 21px; font-weight: 650; border-bottom: 0; padding: 22px 0 8px; }
.swagger-ui .opblock-tag small { font-size: 14px; color: var(--soft); padding: 0 12px; }
.swagger-ui .opblock { margin: 0 0 6px !important; border: 1px solid var(--line) !important; border-radius: 8px;
  box-shadow: none; background: white !important; }
.swagger-ui .opblock:hover { border-color: #b9c3cd !important; }
.swagger-ui .opblock .opblock-summary { padding: 7px 10px; border-color: var(--line) !important; }
.swagger-ui .opblock .opblock-summary-method { min-width: 68px; padding: 5px 0; border-radius: 5px; text-shadow: none;
  font: 600 12px ${MONO}; letter-spacing: 0.4px; }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #e3eef6; color: #1c5a86; }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #e2f1e7; color: #1d6b3f; }
.swagger-ui .opblock.opblock-put .opblock-summary-method { background: #faedd7; color: #8a5a0b; }
.swagger-ui .opblock.opblock-delete .opblock-summary-method { background: #f9e2e0; color: #9b2c22; }
.swagger-ui .opblock .opblock-summary-path { font: 500 14px ${MONO}; color: var(--ink); }
.swagger-ui .opblock .opblock-summary-description { font-size: 14px; color: var(--soft); }
.swagger-ui .opblock .opblock-section-header { background: #f5f7f8; box-shadow: none; }
.swagger-ui .opblock .tab-header .tab-item.active h4 span::after { background: var(--mark) !important; }
.swagger-ui .microlight, .swagger-ui .highlight-code { border-radius: 8px; }
.swagger-ui .filter .operation-filter-input { border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; }
.swagger-ui section.models { border-color: var(--line); }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaee; --soft: #a2adb9; --line: #2c3640; --paper: #141a20; --mark: #6cc3b8; }
  body .swagger-ui .opblock, .swagger-ui .btn.authorize, .swagger-ui .filter .operation-filter-input,
  .swagger-ui input[type='text'], .swagger-ui textarea, .swagger-ui select, .swagger-ui .dialog-ux .modal-ux {
    background: #1b232b !important; color: var(--ink) !important; }
  .swagger-ui .info code, .swagger-ui .renderedMarkdown code { background: #21302f; }
  .swagger-ui .opblock .opblock-section-header { background: #202a33; }
  .swagger-ui svg, .swagger-ui .expand-operation svg { fill: var(--soft); }
  .swagger-ui .parameter__name, .swagger-ui .parameter__type, .swagger-ui .response-col_status, .swagger-ui .model,
  .swagger-ui .opblock-description-wrapper p, .swagger-ui h4, .swagger-ui h3, .swagger-ui td, .swagger-ui th,
  .swagger-ui .renderedMarkdown p, .swagger-ui .responses-inner h5, .swagger-ui .tab li { color: var(--ink) !important; }
}
`;
